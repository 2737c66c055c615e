// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The keys of a source's meters by system title, and the rule for a tag that no key can check.
public struct FrameKeys: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// Whether a frame whose tag cannot be checked is read.
    public enum Authentication: String, Sendable, CaseIterable {
        /// A frame that has a tag needs the authentication key.
        case required
        /// A tag that cannot be checked is ignored: some grid operators give out one key of two.
        case none
    }

    /// The source's rule for tags.
    public var authentication: Authentication
    private var titled: [UInt64: MeterKeys] = [:]

    /// Creates an empty set of keys.
    public init(authentication: Authentication = .required) { self.authentication = authentication }

    /// Maximum number of keys of a source.
    public static let most = 32

    /// Adds the keys of the meter with that system title: 16 hexadecimal digits.
    ///
    /// - Returns: false when the title is not valid, or there are too many keys.
    public mutating func add(_ keys: MeterKeys, title: String) -> Bool {
        guard title.utf8.count == 16, let number = UInt64(title, radix: 16), titled.count < Self.most else {
            return false
        }
        titled[number] = keys
        return true
    }

    /// The keys of the meter with that title.
    func keys(of title: UInt64) -> MeterKeys? { titled[title] }

    /// Contains only the number of keys: it is compared to detect changes of a source.
    public var description: String { "\(titled.count) keys (not shown), authentication \(authentication.rawValue)" }
    /// Hides the keys from `dump`.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
