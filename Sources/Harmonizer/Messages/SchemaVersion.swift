// SPDX-License-Identifier: Apache-2.0

/// The `schema` of a payload, such as `harmonized/1.0`: the family of its form, and the version.
///
/// Within a major version the form grows only by addition, so every 1.x reads what any other 1.x wrote; another major
/// version may mean something else by the same words, so nothing of it is believed.
struct SchemaVersion: Sendable, Equatable {
    /// `harmonized`, or what a user's profile writes instead.
    let family: Substring
    /// The number before the point.
    let major: Int

    /// Nil for a text that names no version.
    init?(_ text: String) {
        guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let number = text[text.utf8.index(after: slash)...].utf8.prefix { $0 != UInt8(ascii: ".") }
        guard number.count <= 6, let major = Int(Substring(number)), major >= 0, slash > text.startIndex else {
            return nil
        }
        family = text[..<slash]
        self.major = major
    }

    /// The writer of a payload, as far as its `schema` tells.
    enum Origin: Equatable {
        /// A bridge of this major version.
        case readable
        /// A bridge of another major version.
        case otherVersion
        case foreign
    }

    /// - Parameter own: the `schema` of this bridge's profile. The `schema` of the shipped profile is read too, so that
    ///   a bridge finds its meters again after the user renamed the schema.
    static func origin(of text: String, own: String) -> Origin {
        if text == own { return .readable }
        guard let version = SchemaVersion(text) else { return .foreign }
        let relatives = [own, shipped].compactMap { SchemaVersion($0) }.filter { $0.family == version.family }
        if relatives.isEmpty { return .foreign }
        return relatives.contains(version) ? .readable : .otherVersion
    }

    private static let shipped = "harmonized/1.0"
}
