// SPDX-License-Identifier: Apache-2.0

/// Escapes characters that must not reach a terminal or a log: a topic or a serial from a payload could move the
/// cursor, forge a line, or hide the text behind it.
package enum Printable {
    /// The text with control characters, direction marks and other invisible characters as `\u{1b}`. At most `limit` characters
    /// are kept, and `…` stands for the rest.
    package static func escaped(_ text: String, limit: Int = .max) -> String {
        guard text.utf8.count > limit || text.utf8.contains(where: isSuspicious) else { return text }
        var result = ""
        for (position, scalar) in text.unicodeScalars.enumerated() {
            guard position < limit else { return result + "…" }
            if isInvisible(scalar) {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Anything but printable ASCII is worth a look.
    private static func isSuspicious(_ byte: UInt8) -> Bool { byte < 0x20 || byte > 0x7e }

    /// True for a character that a terminal or a viewer acts on instead of showing it.
    static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isSuspicious(UInt8(truncatingIfNeeded: scalar.value)) }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: return true
        default: return false
        }
    }
}
