// SPDX-License-Identifier: Apache-2.0

/// Removes the marks that the kernel inserts before bytes with wrong parity or framing (termios PARMRK): `FF 00` before
/// the byte; an `FF` on the line arrives as `FF FF`.
struct LineMarks: Sendable, Equatable {
    private enum State: Sendable, Equatable {
        case plain, escape, error
    }

    private var state = State.plain

    /// Removes the marks from bytes that may be split anywhere.
    ///
    /// - Returns: the number of marked bytes. These bytes are kept: a checksum decides, and parity can be restored.
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

/// Detects from the bytes of a serial line that the configured speed or format is wrong, and reports it once.
struct LineWatch: Sendable {
    private let settings: SerialSettings
    private var count = 0
    private var errors = 0
    private var highBits = 0
    private var evenBytes = 0
    private var oddBytes = 0
    private var textBytes = 0
    private var isSaid = false

    /// The number of bytes needed for a decision: less than the smallest telegram.
    static let sample = 100

    init(_ settings: SerialSettings) { self.settings = settings }

    /// Notes bytes and the number of marked ones among them.
    ///
    /// - Returns: a sentence for people, or nil.
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
        // Text in which bit 7 always makes the parity even was sent with 7 data bits.
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
