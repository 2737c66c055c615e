// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// A configuration file with its secrets replaced by numbered marks. The numbers restore the secrets when a user's
/// changed text is checked.
struct MaskedText {
    /// The text with a mark in place of each secret.
    let text: String
    /// The secrets in the order of their marks.
    private let secrets: [String]

    private static let mark = "••••"
    /// Keys of `bridge.yaml` whose value, with everything below it, is secret.
    private static let keys: Set = [
        "password", "token", "decryption_key", "authentication_key", "key", "secret", "authorization", "headers",
    ]

    init(_ original: String) {
        var secrets: [String] = []
        func masked(_ secret: Substring) -> String {
            secrets.append(String(secret))
            return "\(Self.mark)\(secrets.count)"
        }
        // The value of a secret key: up to the next comma or bracket of a flow mapping, or to the end of the line; a
        // quoted value up to the closing quote.
        let value =
            #/(?i)(["']?(?:password|token|decryption_key|authentication_key|key|secret|authorization)["']?\s*:\s+)("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s,}\]#|>*&{][^,}\]#]*)/#
        let login = #/([a-z]+:\/\/[^\s:\/@"']*:)([^\s@\/"']+)(@)/#
        let parameter = #/(?i)([?&](?:token|key|apikey|api_key|password|auth)=)([^&\s"',}\]]+)/#
        let lines = original.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line).replacing(value) { match in
                // The name of an environment variable is not a secret.
                match.output.2.contains("${")
                    ? String(match.output.0) : String(match.output.1) + masked(match.output.2)
            }
            .replacing(login) { "\($0.output.1)\(masked($0.output.2))\($0.output.3)" }
            .replacing(parameter) { "\($0.output.1)\(masked($0.output.2))" }
        }
        var text = lines.joined(separator: "\n")
        // Secrets in YAML's other notations: over several lines, or by an alias. Words of up to three letters are left:
        // they would match everywhere.
        let root = YAMLLoader.load(original, file: "", environment: { "${\($0)}" }, problems: ProblemList())
        let done = Set(secrets.map(Self.bare))
        for secret in root.map({ Self.secrets(in: $0, isSecret: false) }) ?? [] where !done.contains(secret) {
            // A folded scalar has blanks where the file has line ends.
            let lines = secret.split(whereSeparator: \.isNewline)
            let isFolded = lines.contains { !text.contains($0) }
            for line in isFolded ? lines.flatMap({ $0.split(separator: " ") }) : lines {
                let part = line.trimmingCharacters(in: .whitespaces)
                guard part.count > 3, !part.contains("${"), text.contains(part) else { continue }
                let mark = masked(part[...])
                text = text.replacing(part, with: mark)
            }
        }
        self.text = text
        self.secrets = secrets
    }

    private static func secrets(in node: YAMLNode, isSecret: Bool) -> [String] {
        switch node.content {
        case .scalar(let text, _): isSecret ? [text] : []
        case .sequence(let items): items.flatMap { secrets(in: $0, isSecret: isSecret) }
        case .mapping(let members):
            members.flatMap { member in
                secrets(in: member.value, isSecret: isSecret || keys.contains(member.key.lowercased()))
            }
        }
    }

    /// A changed text with the marks replaced by the secrets.
    func restored(_ changed: String) -> String {
        var result = changed
        for (index, secret) in secrets.enumerated().reversed() {
            result = result.replacing("\(Self.mark)\(index + 1)", with: secret)
        }
        return result
    }

    private static func bare(_ secret: String) -> String {
        secret.trimmingCharacters(in: CharacterSet(charactersIn: "\"' "))
    }

    /// True when a sentence contains a secret.
    func hides(_ sentence: String) -> Bool {
        secrets.contains { secret in
            let bare = Self.bare(secret)
            return bare.count > 3 && sentence.contains(bare)
        }
    }
}
