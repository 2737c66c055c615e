// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A folder that is removed together with its contents.
public final class TemporaryDirectory: Sendable {
    /// The absolute path, without a slash at the end.
    public let path: String

    /// Creates a new, empty folder.
    public init() throws {
        let root = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(root)/obis-bridge-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SupportError("no temporary folder: errno \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a text file and returns its path.
    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String {
        let file = "\(path)/\(name)"
        guard let stream = fopen(file, "w") else { throw SupportError("\(file): errno \(errno)") }
        fputs(text, stream)
        fclose(stream)
        return file
    }
}
