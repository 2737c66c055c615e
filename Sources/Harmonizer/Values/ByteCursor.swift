// SPDX-License-Identifier: Apache-2.0

/// A position in memory that was allocated beforehand, at which bytes are written one after the other.
///
/// Every register of every message is written here, so the room is checked once for each word and not for each byte of
/// it. A write beyond the room ends the program, as with an array.
struct ByteCursor {
    private(set) var at: UnsafeMutablePointer<UInt8>
    private let end: UnsafeMutablePointer<UInt8>

    @inline(__always) init(at start: UnsafeMutablePointer<UInt8>, room: Int) {
        at = start
        end = start + room
    }

    /// Writes one byte.
    @inline(__always) mutating func put(_ byte: UInt8) {
        precondition(at < end)
        at.pointee = byte
        at += 1
    }

    /// Writes a text literal of the program.
    @inline(__always) mutating func put(_ text: StaticString) {
        put(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Writes bytes from elsewhere.
    @inline(__always) mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        precondition(end - at >= bytes.count)
        at.update(from: source, count: bytes.count)
        at += bytes.count
    }

    /// Lets `write` put at most `count` bytes there and return how many it put.
    @inline(__always) mutating func put(
        upTo count: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int
    ) {
        precondition(end - at >= count)
        at += write(at)
    }

    /// Writes a number of one to three digits.
    @inline(__always) mutating func put(decimal number: UInt8) {
        put(upTo: 3) { place in
            let zero = UInt8(ascii: "0")
            if number < 10 {
                place[0] = zero + number
                return 1
            }
            let (tens, ones) = (number / 10, number % 10)
            if number < 100 {
                (place[0], place[1]) = (zero + tens, zero + ones)
                return 2
            }
            (place[0], place[1], place[2]) = (zero + tens / 10, zero + tens % 10, zero + ones)
            return 3
        }
    }

    /// Writes a number from 0 to 99 with two digits.
    @inline(__always) mutating func put(twoDigits number: Int) {
        put(upTo: 2) { place in
            let number = UInt8(truncatingIfNeeded: number)
            (place[0], place[1]) = (UInt8(ascii: "0") + number / 10 % 10, UInt8(ascii: "0") + number % 10)
            return 2
        }
    }
}

extension [UInt8] {
    /// Appends what `write` puts, at most `limit` bytes: the array reserves room once for all of them.
    @inline(__always) mutating func append(upTo limit: Int, _ write: (inout ByteCursor) -> Void) {
        #if compiler(>=6.3)
            append(addingCapacity: limit) { span in
                span.withUnsafeMutableBufferPointer { buffer, count in
                    guard let base = buffer.baseAddress else { return }
                    var cursor = ByteCursor(at: base + count, room: buffer.count - count)
                    write(&cursor)
                    count = cursor.at - base
                }
            }
        #else
            // Through a buffer on the stack, which costs a message some three per cent more.
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: limit) { buffer in
                guard let base = buffer.baseAddress else { return }
                var cursor = ByteCursor(at: base, room: limit)
                write(&cursor)
                append(contentsOf: UnsafeBufferPointer(start: base, count: cursor.at - base))
            }
        #endif
    }
}
