// SPDX-License-Identifier: Apache-2.0

/// Something a person should read, once: the pipeline collects them, the program logs them.
public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
    /// How much it matters.
    public enum Level: Sendable { case info, warning }

    /// How much it matters.
    public var level: Level
    /// A sentence with subject, cause and place.
    public var description: String
    /// The repair that it is about; nil for everything else.
    public var fix: Fix?

    /// Makes a diagnostic. Labels and serials from payloads are in the sentence, so it is kept short, and what would move the
    /// cursor of a terminal or turn the direction of writing is written as `\u{1b}`.
    public init(_ level: Level, _ description: String) {
        self.level = level
        self.description = Printable.escaped(description, limit: Self.limit)
    }

    private static let limit = 600
}
