// SPDX-License-Identifier: Apache-2.0

/// A place in a configuration file.
public struct SourceMark: Sendable, Hashable, CustomStringConvertible {
    /// The file as the user named it.
    public var file: String
    /// Line, from 1; 0 for the file as a whole.
    public var line: Int
    /// Column, from 1; 0 for the file as a whole.
    public var column: Int

    /// Makes a mark.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// The file as a whole: one that cannot be read has no lines.
    public init(file: String) { self.init(file: file, line: 0, column: 0) }

    /// `bridge.yaml:4:12`, as compilers print it and editors follow it; `bridge.yaml` for the whole file.
    public var description: String { line == 0 ? file : "\(file):\(line):\(column)" }

    /// `bridge.yaml:4`, for sentences and for the `by` of a fix.
    public var lineReference: String { line == 0 ? file : "\(file):\(line)" }
}
