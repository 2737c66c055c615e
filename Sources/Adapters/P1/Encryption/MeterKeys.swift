// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The keys of an encrypted meter: `decryption_key` and `authentication_key` of a source.
///
/// In DLMS they are the global unicast encryption key and the authentication key (IEC 62056-5-3). No description
/// contains them, so that no log line, dump or error message can reveal one.
public struct MeterKeys: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// AES-128 (16 bytes) or, with security suite 2, AES-256 (32 bytes).
    let decryption: [UInt8]
    /// As long as the decryption key.
    let authentication: [UInt8]
    /// True when no authentication key is configured.
    let usesCommonAuthentication: Bool

    /// The published constant with which all meters of Luxembourg authenticate; only the decryption key belongs to the
    /// customer.
    private static let commonAuthentication: [UInt8] = (0..<16).map { $0 * 0x11 }

    /// Keys from their hexadecimal digits, as grid operators provide them; spaces, `:` and `-` between digits are
    /// ignored.
    ///
    /// - Parameters:
    ///   - decryption: 32 digits (AES-128) or 64 (AES-256).
    ///   - authentication: the same number of digits; nil for the constant of Luxembourg's meters.
    /// - Throws: which key is wrong and why, without showing it.
    public init(decryption: String, authentication: String? = nil) throws(MeterKeyError) {
        self.decryption = try Self.bytes(decryption, of: .decryption)
        usesCommonAuthentication = authentication == nil
        self.authentication =
            try authentication.map { text throws(MeterKeyError) in
                try Self.bytes(text, of: .authentication)
            } ?? Self.commonAuthentication
        if let authentication, self.authentication.count != self.decryption.count {
            throw MeterKeyError(key: .authentication, digits: authentication.utf8.count, isHexadecimal: true)
        }
    }

    /// Reports only that there are keys.
    public var description: String { "keys (not shown)" }
    /// Hides the keys from `dump`.
    public var customMirror: Mirror { Mirror(self, children: [:]) }

    private static func bytes(_ text: String, of key: MeterKeyError.Key) throws(MeterKeyError) -> [UInt8] {
        let separators = " \t\r\n:-".utf8
        let digits = text.utf8.filter { !separators.contains($0) }
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: digits.count - digits.count % 2, by: 2) {
            guard let high = digits[pair].hexadecimalDigit, let low = digits[pair + 1].hexadecimalDigit else {
                throw MeterKeyError(key: key, digits: digits.count, isHexadecimal: false)
            }
            bytes.append(high << 4 | low)
        }
        guard digits.count == 32 || digits.count == 64 else {
            throw MeterKeyError(key: key, digits: digits.count, isHexadecimal: true)
        }
        return bytes
    }
}

/// A key that is not valid. The error never contains the key.
public struct MeterKeyError: Error, Equatable, CustomStringConvertible {
    /// The two keys.
    public enum Key: String, Sendable {
        case decryption = "decryption_key"
        case authentication = "authentication_key"
    }

    /// The key that is wrong.
    public let key: Key
    let digits: Int
    let isHexadecimal: Bool

    /// Names the key and its required form.
    public var description: String {
        let found = isHexadecimal ? "this has \(digits)" : "this has other characters"
        return "\"\(key.rawValue)\" is 32 hexadecimal digits (64 for AES-256, both keys alike); \(found)"
    }
}
