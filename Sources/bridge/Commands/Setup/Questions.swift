// SPDX-License-Identifier: Apache-2.0
import Foundation
import Machine

/// Asks a person, or reads the answers of a script from standard input; an empty answer, or none, is the default.
struct Questions {
    /// True to ask nothing and take every default.
    let takesDefaults: Bool

    func text(_ question: String, default usual: String) throws -> String {
        guard !takesDefaults else { return usual }
        try prompt("\(question)\(usual.isEmpty ? "" : " [\(usual)]"): ")
        let answer = (readLine() ?? "").trimmingCharacters(in: .whitespaces)
        return answer.isEmpty ? usual : answer
    }

    func isYes(_ question: String) throws -> Bool {
        guard !takesDefaults else { return true }
        try prompt("\(question) [Y/n] ")
        let answer = (readLine() ?? "").trimmingCharacters(in: .whitespaces).lowercased()
        return answer.isEmpty || answer.hasPrefix("y")
    }

    /// Reads a secret; a terminal does not show what is typed.
    func secret(_ question: String) throws -> String {
        guard !takesDefaults else { return "" }
        try prompt("\(question): ")
        var shown = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &shown) == 0
        if isTerminal {
            var hidden = shown
            hidden.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        }
        defer {
            if isTerminal {
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
                try? prompt("\n")
            }
        }
        return readLine() ?? ""
    }

    private func prompt(_ text: String) throws { try StandardOutput.print(text, terminator: "") }
}
