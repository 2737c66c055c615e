// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The alias of a register in two bytes: each word is stored once for the whole program, and as long as it runs.
///
/// Thousands of meters use the same aliases. There is room for 65,535 different words; a profile has fewer than a
/// hundred, and each M-Bus channel adds one for each medium. A register for whose alias there is no room is known by
/// its code alone.
struct AliasWord: Sendable, Equatable {
    /// 0 for none.
    private let place: UInt16

    private static let places = Mutex<[String: UInt16]>([:])

    /// The words by place. A place is handed out after its word is written, and no word changes or moves: reading needs
    /// no lock.
    struct Table: @unchecked Sendable {
        /// The system provides this memory only where it is written.
        fileprivate let words = UnsafeMutablePointer<Word>.allocate(capacity: Int(UInt16.max) + 1)

        fileprivate struct Word {
            let text: String
            let bytes: UnsafeBufferPointer<UInt8>
        }

        fileprivate func write(_ text: String, at place: UInt16) {
            let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
            _ = bytes.initialize(fromContentsOf: text.utf8)
            (words + Int(place)).initialize(to: Word(text: text, bytes: UnsafeBufferPointer(bytes)))
        }

        /// The word in UTF-8; nil for none. The bytes never move.
        @inline(__always) func bytes(_ word: AliasWord) -> UnsafeBufferPointer<UInt8>? {
            word.place == 0 ? nil : words[Int(word.place)].bytes
        }
    }

    static let table = Table()

    init(_ word: String?) {
        guard let word else {
            place = 0
            return
        }
        place = Self.places.withLock { places in
            if let known = places[word] { return known }
            guard let next = UInt16(exactly: places.count + 1) else { return 0 }
            Self.table.write(word, at: next)
            places[word] = next
            return next
        }
    }

    var isNone: Bool { place == 0 }

    /// Nil for none.
    var text: String? { place == 0 ? nil : Self.table.words[Int(place)].text }
}
