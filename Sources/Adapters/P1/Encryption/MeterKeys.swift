// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The keys of an encrypted meter: `decryption_key` and `authentication_key` of a source.
///
/// They are what the DLMS world calls the global unicast encryption key and the authentication key (IEC 62056-5-3). Neither
/// appears in any description, so that no log line, dump or error message can carry one.
public struct MeterKeys: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// AES-128 (16 bytes) or, with security suite 2, AES-256 (32 bytes).
    let decryption: [UInt8]
    /// As long as the decryption key.
    let authentication: [UInt8]
    /// True when nobody configured an authentication key.
    let usesCommonAuthentication: Bool

    /// All meters of Luxembourg authenticate with this published constant, only the decryption key is the customer's.
    private static let commonAuthentication: [UInt8] = (0..<16).map { $0 * 0x11 }

    /// Keys from their hexadecimal digits, as grid operators hand them out; blanks, `:` and `-` between digits do not count.
    ///
    /// - Parameters:
    ///   - decryption: 32 digits (AES-128) or 64 (AES-256).
    ///   - authentication: as many; nil for the constant that Luxembourg's meters share.
    /// - Throws: what is wrong with which key, without showing it.
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

    /// Says only that there are keys.
    public var description: String { "keys (not shown)" }
    /// Shows nothing to `dump`.
    public var customMirror: Mirror { Mirror(self, children: [:]) }

    private static func bytes(_ text: String, of key: MeterKeyError.Key) throws(MeterKeyError) -> [UInt8] {
        let separators = " \t\r\n:-".utf8
        let digits = text.utf8.filter { !separators.contains($0) }
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: digits.count - digits.count % 2, by: 2) {
            guard let high = hexadecimalDigit(digits[pair]), let low = hexadecimalDigit(digits[pair + 1]) else {
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

/// A key that is none. It never carries the key.
public struct MeterKeyError: Error, Equatable, CustomStringConvertible {
    /// Which of the two.
    public enum Key: String, Sendable {
        case decryption = "decryption_key"
        case authentication = "authentication_key"
    }

    /// Which of the two.
    public let key: Key
    let digits: Int
    let isHexadecimal: Bool

    /// Names the key and what it should be.
    public var description: String {
        let found = isHexadecimal ? "this has \(digits)" : "this has other characters"
        return "\"\(key.rawValue)\" is 32 hexadecimal digits (64 for AES-256, both keys alike); \(found)"
    }
}
