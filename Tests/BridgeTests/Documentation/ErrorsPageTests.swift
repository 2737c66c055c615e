// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Harmonizer
import Testing

@testable import bridge

/// docs/errors.md and docs/exit-codes.md: complete where it has to be, and with no message that the program does not print.
@Suite struct ErrorsPageTests {
    private static func text(_ page: String) -> String {
        (try? String(contentsOf: DocumentationPage.root.appendingPathComponent(page), encoding: .utf8)) ?? ""
    }

    /// The first cells of the tables with this heading, without their backticks.
    private static func cells(_ heading: String, of page: String = "docs/errors.md") -> [String] {
        var isInside = false
        return text(page).split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
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

    @Test func `every exit code is explained, and no other`() {
        let own = [ExitCode.success, .faults, .unavailable, .configuration, .takenOver, .validationFailure]
        let codes = Set(own.map { Int($0.rawValue) } + [Int(PlugTestVerdict.notObserved.exitCode)])
        #expect(Set(Self.cells("code", of: "docs/exit-codes.md").compactMap { Int($0) }) == codes)
        for code in codes { #expect(help(code), "\(code) in --help") }
    }

    private func help(_ code: Int) -> Bool {
        Bridge.configuration.discussion.split { !$0.isNumber }.contains { $0 == "\(code)" }
    }

    @Test func `there are messages`() { #expect(Self.cells("message").count >= 30) }

    @Test(arguments: cells("message")) func `the program has this message`(message: String) {
        for part in message.split(separator: "…") where part.count(where: \.isLetter) > 3 {
            let words = part.drop { ": ".contains($0) }
            #expect(Self.sources.contains(words), "\(words)")
        }
    }
}
