// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

/// Joins the pieces of encrypted frames, and finds the next frame after a damaged one.
struct CipherAssembler: Sendable, Equatable {
    private var bytes: [UInt8] = []
    private var isHexadecimal = false
    /// When the first piece arrived; nil when nothing is open.
    private(set) var openSince: Timestamp?

    var isOpen: Bool { openSince != nil }

    /// Starts with the first bytes of a frame.
    mutating func open(at now: Timestamp, isHexadecimal: Bool) {
        self = CipherAssembler()
        self.isHexadecimal = isHexadecimal
        openSince = now
    }

    /// Forgets all pieces.
    mutating func close() { self = CipherAssembler() }

    /// Adds a piece. Ciphertext may look like anything, so while a frame is open every payload belongs to it, except
    /// for the two words of a last will.
    ///
    /// - Returns: false when the bytes exceed two frames; all pieces are then forgotten.
    mutating func append(_ piece: [UInt8]) -> Bool {
        bytes += isHexadecimal ? P1Wrapper.hexadecimal(piece, atLeast: 0) ?? piece : piece
        guard bytes.count > 2 * CipheredFrame.limit else { return true }
        close()
        return false
    }

    /// Removes and returns the next whole frame; nil when it is incomplete or nothing is left.
    ///
    /// - Parameter open: decrypts the frame; throws when it must not be read.
    /// - Returns: the result for that frame, or why it was given up.
    mutating func next(_ open: (CipheredFrame) throws(Rejection) -> [UInt8]) -> Result<[UInt8], Rejection>? {
        // Skips spaces, line ends and NULs between frames.
        bytes.removeFirst(bytes.prefix { $0 <= P1Framing.blank }.count)
        guard !bytes.isEmpty else {
            close()
            return nil
        }
        switch CipheredFrame.find(in: bytes) {
        case .frame(let frame):
            do throws(Rejection) {
                let text = try open(frame)
                bytes.removeFirst(frame.size)
                return .success(text)
            } catch {
                // After a lost piece, the frame's length extends into the next frame.
                resynchronise()
                return .failure(error)
            }
        case .open(let total):
            guard let total, total > bytes.count, let later = start(from: 2),
                case .frame(let frame) = CipheredFrame.find(in: bytes, from: later), (try? open(frame)) != nil
            else { return nil }
            let found = later
            bytes.removeFirst(found)
            return .failure(Rejection(.incomplete, at: 0, "an encrypted frame ends after \(found) of \(total) bytes"))
        case .damaged, .nothing:
            resynchronise()
            return .failure(Rejection(.incomplete, at: 0, "bytes that are no frame between encrypted frames"))
        }
    }

    /// The rejection for the incomplete frame.
    var remains: Rejection? {
        guard isOpen else { return nil }
        var total = ""
        if case .open(let size?) = CipheredFrame.find(in: bytes) { total = " of \(size)" }
        return Rejection(.incomplete, at: bytes.count, "an encrypted frame ends after \(bytes.count)\(total) bytes")
    }

    private mutating func resynchronise() {
        if let next = start(from: 1) { bytes.removeFirst(next) } else { bytes = [] }
    }

    /// The position at which the next frame could begin.
    private func start(from index: Int) -> Int? {
        guard index + 1 < bytes.count else { return nil }
        return (index..<(bytes.count - 1)).first {
            bytes[$0] == CipheredFrame.start[0] && bytes[$0 + 1] == CipheredFrame.start[1]
                && CipheredFrame.find(in: bytes, from: $0) != .nothing
        }
    }
}
