// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import PlugTest
@testable import bridge

/// What payloads can do to a report: nothing.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct PlugTestFormatTests {
    /// Topics, ids, payloads and configured words that try to be something else.
    private static func hostile() throws -> PlugTestReport {
        let nasty = "</td><script>alert(1)</script>|`=cmd()\u{1b}[2J"
        return try PlugTestSamples.report(
            sources:
                "  a: {adapter: smartmeter-datacollector, subscribe: smartmeter/#, about: {utility: \"<b>=1+1</b>\"}}",
            plugTest: "{title: \"<img src=x> # [x](http://evil.example)\", steps: [{at: 1m, name: \"<svg onload=x>\"}]}"
        ) { traffic in
            for second in stride(from: 1, to: 720, by: 10) {
                traffic.add(
                    "smartmeter/\(nasty)/ACTIVE_POWER_P",
                    "{\"value\": \(second).0, \"timestamp\": \(MadeUpTraffic.start.seconds + Int64(second)), \"x\": \"<script>\"}",
                    at: second)
            }
        }
    }

    @Test func `nothing of a payload becomes markup of the page`() throws {
        let page = PlugTestFormat.html.text(try Self.hostile())
        #expect(!page.contains("<script"))
        #expect(!page.contains("<img"))
        #expect(!page.contains("<svg onload"))
        #expect(!page.contains("\u{1b}"))
        #expect(page.contains("&lt;script&gt;"))
    }

    @Test func `the page needs nothing from anywhere`() throws {
        let page = PlugTestFormat.html.text(
            try PlugTestSamples.report(PlugTestSamples.good, PlugTestSamples.goodConfiguration))
        for word in ["http:", "https:", " src=", "@import", "url(", "<link", "<script", "<iframe"] {
            #expect(!page.contains(word), "\(word)")
        }
        #expect(page.contains("<svg"))
        #expect(page.contains("default-src 'none'"))
    }

    @Test func `a code has its name and stays on one line, and a chart says its range and unit`() throws {
        let page = PlugTestFormat.html.text(
            try PlugTestSamples.report(PlugTestSamples.good, PlugTestSamples.goodConfiguration))
        let codes = page.components(separatedBy: "<abbr title=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
        #expect(codes.count >= 5)
        for code in codes {
            let words = code.split(separator: " ")
            #expect(words.count > 1 && words.last?.wholeMatch(of: /[0-9]+-[0-9]+:[0-9.]+/) != nil, "\(code)")
        }
        #expect(page.contains("th.code,abbr{white-space:nowrap!important}"))
        let captions = page.components(separatedBy: "<figcaption>").dropFirst().map { $0.prefix(80) }
        #expect(!captions.isEmpty)
        for caption in captions {
            #expect(
                caption.firstMatch(of: /<b>[^<]+<\/b> <span>-?[0-9.]+( – -?[0-9.]+)?( [a-zA-Z³%\/]+)?<\/span>/) != nil,
                "\(caption)")
        }
    }

    @Test func `every mark of the page is closed`() throws {
        let page = PlugTestFormat.html.text(try Self.hostile())
        var open: [Substring] = []
        for part in page.split(separator: "<").dropFirst() {
            let name = part.prefix { $0.isLetter || $0.isNumber || $0 == "/" }
            if ["meta", "br", "line", "polyline"].contains(name) || part.hasPrefix("!") { continue }
            if name.hasPrefix("/") {
                // A line of a chart has its own title, and is closed.
                if name == "/line" { continue }
                #expect(open.popLast() == name.dropFirst(), "\(part.prefix(60))")
            } else {
                open.append(name)
            }
        }
        #expect(open.isEmpty)
    }

    @Test func `a spreadsheet gets no formula`() throws {
        let table = PlugTestFormat.csv.text(try Self.hostile())
        #expect(table.contains("<b>=1+1</b>"))
        #expect(CSVReport.quoted("=1+1") == "\"'=1+1\"")
        #expect(CSVReport.quoted("-0.240") == "-0.240")
        #expect(CSVReport.quoted("say \"x\"") == "\"say \"\"x\"\"\"")
    }

    @Test func `Markdown and the terminal get text only`() throws {
        let report = try Self.hostile()
        let page = PlugTestFormat.markdown.text(report).components(separatedBy: "<details>")[0]
        #expect(!page.contains("<script"))
        #expect(!page.contains("[x](http"))
        #expect(!page.contains("\u{1b}"))
        #expect(!PlugTestFormat.terminal.text(report).contains("\u{1b}"))
    }

    @Test(arguments: [
        (0, "0 s"), (240, "0.2 s"), (960, "1 s"), (12_400, "12 s"), (200_000, "3 min 20 s"), (3_600_000, "1 h"),
        (7_500_000, "2 h 5 min"), (-60_000, "-60 s"), (3_456_000_000, "40 d"),
    ])
    func `a span is written as people say it`(milliseconds: Int64, words: String) {
        #expect(TimeSpan.milliseconds(milliseconds).text == words)
    }
}
