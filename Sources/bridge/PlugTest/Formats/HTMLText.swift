// SPDX-License-Identifier: Apache-2.0

/// Text inside a page.
enum HTMLText {
    /// Everything that could be markup as entities, and what no eye sees as `\u{…}`: ids, topics and payloads are anybody's.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in Terminal.escaped(text) {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }
}
