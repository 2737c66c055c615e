// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The keys of a source's meters by their system titles, and what is done with a tag that no key can check.
public struct FrameKeys: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// Whether a frame whose tag cannot be checked is read.
    public enum Authentication: String, Sendable, CaseIterable {
        /// A frame that has a tag needs the authentication key.
        case required
        /// A tag that cannot be checked is overlooked: some grid operators give out one key of two.
        case none
    }

    /// What the source says about tags.
    public var authentication: Authentication
    private var titled: [UInt64: MeterKeys] = [:]

    /// Keys for meters by their system titles.
    public init(authentication: Authentication = .required) { self.authentication = authentication }

    /// Keys that a source may have.
    public static let most = 32

    /// Adds the keys of the meter with that system title: 16 hexadecimal digits.
    ///
    /// - Returns: false when the title is none, or there are too many.
    public mutating func add(_ keys: MeterKeys, title: String) -> Bool {
        guard title.utf8.count == 16, let number = UInt64(title, radix: 16), titled.count < Self.most else {
            return false
        }
        titled[number] = keys
        return true
    }

    /// The keys of the meter with that title.
    func keys(of title: UInt64) -> MeterKeys? { titled[title] }

    /// Says only how many there are: what a source was made from is compared with it, so that a change is seen.
    public var description: String { "\(titled.count) keys (not shown), authentication \(authentication.rawValue)" }
    /// Shows nothing to `dump`.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
