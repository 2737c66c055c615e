// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A configuration file as it is shown: without its secrets, and with a way back to them. What is masked has a number, so that a text
/// that somebody changed can be checked with the secrets that it had.
struct MaskedText {
    /// The text with a mark in the place of each secret.
    let text: String
    /// In the order of their marks.
    private let secrets: [String]

    private static let mark = "masked-secret-"

    init(_ original: String) {
        var secrets: [String] = []
        var lines: [String] = []
        // The value of a key that is a secret: up to the next comma or bracket of a flow mapping, or to the end of the line; in quotes up to their end.
        let value =
            #/(?i)(["']?(?:password|token|decryption_key|authentication_key|key|secret|authorization|cookie|x-api-key)["']?\s*:\s*)("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,}\]#][^,}\]#]*)/#
        let login = #/([a-z]+:\/\/[^\s:\/@"']*:)([^\s@\/"']+)(@)/#
        func masked(_ secret: Substring) -> String {
            secrets.append(String(secret))
            return "\(Self.mark)\(secrets.count)"
        }
        for line in original.split(separator: "\n", omittingEmptySubsequences: false) {
            let shown = String(line).replacing(value) { match in
                // A name of the environment is none, nor is a mapping that begins in the next line.
                match.output.2.hasPrefix("${") || match.output.2.hasPrefix("\"${")
                    ? String(match.output.0) : String(match.output.1) + masked(match.output.2)
            }
            lines.append(shown.replacing(login) { "\($0.output.1)\(masked($0.output.2))\($0.output.3)" })
        }
        text = lines.joined(separator: "\n")
        self.secrets = secrets
    }

    /// A changed text with the secrets back in their places.
    func restored(_ changed: String) -> String {
        var result = changed
        for (index, secret) in secrets.enumerated().reversed() {
            result = result.replacing("\(Self.mark)\(index + 1)", with: secret)
        }
        return result
    }

    /// True where a sentence would show a secret.
    func hides(_ sentence: String) -> Bool {
        secrets.contains { secret in
            let bare = secret.trimmingCharacters(in: CharacterSet(charactersIn: "\"' "))
            return bare.count > 3 && sentence.contains(bare)
        }
    }
}
