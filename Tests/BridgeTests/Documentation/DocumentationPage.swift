// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import PlugTest

/// A page of the documentation with its fenced blocks.
struct DocumentationPage: CustomTestStringConvertible, Sendable {
    /// A fenced block.
    struct Block: CustomTestStringConvertible, Sendable {
        /// `docs/limits.md`.
        let page: String
        /// Of its first line, from 1.
        let line: Int
        /// What stands behind the fence: `sh`, `yaml bridge.yaml`.
        let language: String
        var text: String
        var testDescription: String { "\(page):\(line)" }

        /// The file's name of a `yaml bridge.yaml`; nil for a block without one.
        var file: String? {
            let words = language.split(separator: " ")
            return words.count == 2 && words[1].contains(".") ? String(words[1]) : nil
        }
    }

    /// Relative to the repository.
    let path: String
    let blocks: [Block]
    /// Lines of blocks that are only indented: nobody can tell what they are.
    let unfenced: [Int]
    var testDescription: String { path }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// README, CONTRIBUTING, SECURITY and everything below docs.
    static let all: [DocumentationPage] = {
        let docs = FileManager.default.enumerator(atPath: root.appendingPathComponent("docs").path)
        let names = (docs?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".md") }.sorted()
        return (["README.md", "CONTRIBUTING.md", "SECURITY.md"] + names.map { "docs/\($0)" }).map { path in
            let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
            return DocumentationPage(path: path, text: text ?? "")
        }
    }()

    init(path: String, text: String) {
        var blocks: [Block] = []
        var unfenced: [Int] = []
        var open: (block: Block, indent: Int)?
        var isAfterBlank = true
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.drop { $0 == " " }
            let indent = line.count - words.count
            if let (opened, fence) = open {
                var block = opened
                if words == "```" {
                    blocks.append(block)
                    open = nil
                } else {
                    block.text += line.dropFirst(min(indent, fence)) + "\n"
                    open = (block, fence)
                }
            } else if words.hasPrefix("```") {
                open = (Block(page: path, line: index + 2, language: String(words.dropFirst(3)), text: ""), indent)
            } else if indent >= 4, isAfterBlank, !words.isEmpty, words.first?.isNumber == false, !words.hasPrefix("- ")
            {
                unfenced.append(index + 1)
            }
            isAfterBlank = words.isEmpty
        }
        self.path = path
        self.blocks = blocks
        self.unfenced = unfenced
    }
}
