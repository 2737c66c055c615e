// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Machine

/// Reads passwords, tokens and keys: the value under `NAME`, or the first line of the file under `NAME_file`. Messages
/// never contain a secret.
struct SecretReader {
    let problems: ProblemList
    let files: FileFinder

    /// The secret with its place for error messages; nil when neither key exists or the file cannot be read.
    func read(_ name: String, _ map: inout YAMLReader) -> (text: String, mark: SourceMark)? {
        let file = map.member(name + "_file")
        if let inline = map.text(name) {
            if let file { problems.error(file.keyMark, "write \"\(name)\" or \"\(name)_file\", not both") }
            return (inline, map.node(name)?.mark ?? map.mark)
        }
        guard let file, let given = map.text(name + "_file") else { return nil }
        let path = files.path(given)
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            problems.error(file.value.mark, UnreadableFile.sentence("\(name)_file \"\(given)\"", at: path))
            return nil
        }
        if files.isOpenToAll(path) {
            problems.warning(file.value.mark, "everybody on this computer can read \(path): chmod 600")
        }
        // A Windows line end has two characters, which are one `Character` in Swift.
        let line = String(text.prefix { !$0.isNewline })
        if line.isEmpty {
            problems.error(file.value.mark, "the first line of \(path) is empty")
            return nil
        }
        return (line, file.value.mark)
    }
}
