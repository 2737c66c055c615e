// SPDX-License-Identifier: Apache-2.0

/// A place in a configuration file.
public struct SourceMark: Sendable, Hashable, CustomStringConvertible {
    /// The file as the user named it.
    public var file: String
    /// Line, from 1.
    public var line: Int
    /// Column, from 1.
    public var column: Int

    /// Makes a mark.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `bridge.yaml:4:12`, as compilers print it and editors follow it.
    public var description: String { "\(file):\(line):\(column)" }

    /// `bridge.yaml:4`, for sentences and for the `by` of a fix.
    public var lineReference: String { "\(file):\(line)" }
}
