// SPDX-License-Identifier: Apache-2.0

/// Takes out the marks that the kernel puts before bytes with a wrong parity or framing (termios PARMRK): `FF 00` before the byte;
/// an `FF` of the line comes as `FF FF`.
struct LineMarks: Sendable, Equatable {
    private enum State: Sendable, Equatable {
        case plain, escape, error
    }

    private var state = State.plain

    /// Takes the marks out of bytes that may be cut anywhere.
    ///
    /// - Returns: how many of the bytes were marked. They stay: a checksum judges, and a parity can be restored.
    mutating func unmark(_ bytes: inout [UInt8]) -> Int {
        guard state != .plain || bytes.contains(0xFF) else { return 0 }
        var errors = 0
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        for byte in bytes {
            switch state {
            case .plain:
                if byte == 0xFF { state = .escape } else { plain.append(byte) }
            case .escape:
                if byte == 0 {
                    state = .error
                } else {
                    plain.append(byte)
                    state = .plain
                }
            case .error:
                errors += 1
                plain.append(byte)
                state = .plain
            }
        }
        bytes = plain
        return errors
    }
}

/// Sees from the bytes of a serial line that its speed or its format is not the meter's, and says so once.
struct LineWatch: Sendable {
    private let settings: SerialSettings
    private var count = 0
    private var errors = 0
    private var highBits = 0
    private var evenBytes = 0
    private var oddBytes = 0
    private var textBytes = 0
    private var isSaid = false

    /// Bytes after which it judges: less than the smallest telegram.
    static let sample = 100

    init(_ settings: SerialSettings) { self.settings = settings }

    /// Notes bytes and how many of them were marked.
    ///
    /// - Returns: a sentence for people.
    mutating func note(_ bytes: [UInt8], errors: Int) -> String? {
        guard !isSaid else { return nil }
        count += bytes.count
        self.errors += errors
        for byte in bytes {
            if byte > 0x7F { highBits += 1 }
            if byte.nonzeroBitCount % 2 == 0 { evenBytes += 1 } else { oddBytes += 1 }
            let low = byte & 0x7F
            if low >= 0x20 && low < 0x7F || [0x02, 0x03, 0x04, 0x09, 0x0A, 0x0D].contains(low) { textBytes += 1 }
        }
        guard count >= Self.sample else { return nil }
        defer { (count, self.errors, highBits, evenBytes, oddBytes, textBytes) = (0, 0, 0, 0, 0, 0) }
        isSaid = true
        if self.errors * 20 > count {
            return
                "\(self.errors) of \(count) bytes have a wrong parity or framing: the meter does not send \(settings.baud) Bd "
                + "\(settings.format); obis-bridge discover --serial \(settings.device) tries the usual settings"
        }
        // Text whose eighth bit always makes the parity even was sent with 7 bits.
        if settings.format.dataBits == 8, highBits * 5 > count, textBytes == count {
            if evenBytes == count { return Self.parity("even", "7E1", settings) }
            if oddBytes == count { return Self.parity("odd", "7O1", settings) }
        }
        isSaid = false
        return nil
    }

    private static func parity(_ word: String, _ format: String, _ settings: SerialSettings) -> String {
        "the eighth bit of every byte is an \(word) parity bit: write format: \(format) instead of \(settings.format)"
    }
}
