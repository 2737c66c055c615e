// SPDX-License-Identifier: Apache-2.0

/// Something a person should read, once: the pipeline collects them, the program logs them.
public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
    /// How much it matters.
    public enum Level: Sendable { case info, warning }

    /// How much it matters.
    public var level: Level
    /// A sentence with subject, cause and place.
    public var description: String

    /// Makes a diagnostic.
    public init(_ level: Level, _ description: String) {
        self.level = level
        self.description = description
    }
}
