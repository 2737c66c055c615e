// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

@testable import bridge

/// docs/errors.md: complete where it has to be, and with no message that the program does not print.
@Suite struct ErrorsPageTests {
    private static let page: String = {
        let path = DocumentationPage.root.appendingPathComponent("docs/errors.md")
        return (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    }()

    /// The first cells of the tables with this heading, without their backticks.
    private static func cells(_ heading: String) -> [String] {
        var isInside = false
        return page.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
            let isRow = line.hasPrefix("| ")
            if !isRow { isInside = false }
            let cell = line.dropFirst(2).split(separator: " | ").first.map(String.init) ?? ""
            if isRow, cell == heading {
                isInside = true
                return nil
            }
            return isInside && isRow && !cell.hasPrefix("---") ? cell.replacing("`", with: "") : nil
        }
    }

    /// What the program can print: its sources, with texts of several lines in one.
    private static let sources: String = {
        let folder = DocumentationPage.root.appendingPathComponent("Sources").path
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        let texts = names.filter { $0.hasSuffix(".swift") }.compactMap {
            try? String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
        }
        return texts.joined(separator: "\n").replacing(/"\s*\+\s*"/, with: "").replacing("\\\"", with: "\"")
    }()

    @Test func `every reject reason is explained, and no other`() {
        #expect(Set(Self.cells("reason")) == Set(Rejection.Reason.allCases.map(\.rawValue)))
    }

    @Test func `there are messages`() { #expect(Self.cells("message").count >= 30) }

    @Test(arguments: cells("message")) func `the program has this message`(message: String) {
        for part in message.split(separator: "…") where part.count(where: \.isLetter) > 3 {
            let words = part.drop { ": ".contains($0) }
            #expect(Self.sources.contains(words), "\(words)")
        }
    }
}
