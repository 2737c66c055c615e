// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Machine

extension FileFinder {
    /// The text of a file whose name might have been that of something shipped, and is not; nil when there is none.
    ///
    /// - Parameters:
    ///   - what: what it is, for the sentence that says why there is none: `profile`.
    ///   - shipped: the names that would have been good ones.
    ///   - report: gets that sentence.
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
