// SPDX-License-Identifier: Apache-2.0

/// A sentence that a person should read, once: the pipeline collects diagnostics, the program logs them.
public struct Diagnostic: Sendable, Hashable, CustomStringConvertible {
    /// How much it matters.
    public enum Level: Sendable { case info, warning }

    /// How much it matters.
    public var level: Level
    /// A sentence with subject, cause and place.
    public var description: String
    /// The repair that the sentence is about; nil for every other sentence.
    public var fix: Fix?

    /// Makes a diagnostic. The sentence contains labels and serials from payloads, so it is kept short, and characters
    /// that would move the cursor of a terminal or change the direction of writing are written as `\u{1b}`.
    public init(_ level: Level, _ description: String) {
        self.level = level
        self.description = Printable.escaped(description, limit: Self.limit)
    }

    private static let limit = 600
}
