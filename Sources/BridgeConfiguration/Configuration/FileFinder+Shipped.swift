// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Machine

extension FileFinder {
    /// The text of a file named where a shipped name is possible too; nil when it cannot be read.
    ///
    /// - Parameters:
    ///   - what: the kind of file for the error sentence, such as `profile`.
    ///   - shipped: the shipped names.
    ///   - report: receives the error sentence.
    func text(_ name: String, what: String, shipped: [String], report: (String) -> Void) -> String? {
        let path = path(name)
        if let text = try? String(contentsOfFile: path, encoding: .utf8) { return text }
        let isFile = name.contains { "./".contains($0) } || access(path, F_OK) == 0
        report(
            isFile
                ? "cannot read the \(what) \"\(name)\": \(UnreadableFile.reason(path))"
                : "no \(what) \"\(name)\", neither shipped nor a file\(NearestWord.hint(name, in: shipped))")
        return nil
    }
}
