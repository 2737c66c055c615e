// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

@testable import Page
@testable import PlugTest

/// The texts of the page.
@Suite struct TextsTests {
    @Test func `every repair is explained in a sentence`() {
        for rule in Fix.Rule.allCases {
            let sentence = Texts.english.explanation(ofRule: rule.rawValue)
            #expect(sentence.hasSuffix(".") && sentence.count > 20, "\(rule.rawValue)")
        }
    }

    @Test func `every text that the sources ask for is there, and no other`() throws {
        let files = ["Page", "PageFiles"].flatMap { target in
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../../Sources/\(target)")
            return FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
                .compactMap { $0 as? URL } ?? []
        }
        let sources = try files.filter { ["swift", "js"].contains($0.pathExtension) }
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
        let words = Texts.english.words
        for match in sources.matches(of: #/texts(?:\.count)?\("([a-z.\- ]+)"/#) {
            #expect(words[String(match.output.1)] != nil, "\(match.output.1)")
        }
        for key in words.keys {
            // A key may be put together from its beginning and a word.
            let stem = key.split(separator: ".").first.map(String.init) ?? ""
            let name = key.hasPrefix("script.") ? String(key.dropFirst("script.".count)) : key
            let isUsed =
                sources.contains("\"\(name)\"") || sources.contains("\"\(stem).") || sources.contains(".\(name)")
                || sources.contains("word(\"\(stem)\",")
            #expect(isUsed, "\(key)")
        }
    }

    @Test func `a direction is called what it means for what the meter measures`() {
        func words(_ role: MeterRole?) -> [String] {
            ["import", "export"].map { Texts.english.word("power", $0, of: role) }
        }
        #expect(words(nil) == ["from the grid", "into the grid"] && words(.grid) == words(nil))
        #expect(words(.pv) == ["drawn by the inverter", "produced"])
        #expect(words(.battery) == ["charging", "discharging"] && words(.load) == ["consumed", "fed back"])
        #expect(Texts.english.word("energy", "gas", of: .pv) == "Gas")
        #expect(Texts.english.word("energy", "export", of: .pv) == "Produced")
    }

    @Test func `what is filled in is no place for more`() {
        #expect(Texts.english("overview.online", "{}") == "{} online")
        #expect(Texts.english.count("overview.count", 1) == "1 meter")
        #expect(Texts.english.count("overview.count", 12345) == "12\u{202f}345 meters")
    }
}

/// What a page is written with.
@Suite struct HTMLWriterTests {
    @Test func `text and attributes never become markup`() {
        var html = HTMLWriter()
        let evil = "</p><script>alert('1')</script>\"&\u{202e}\u{7}"
        html.element("p", ["title": evil]) { html in
            html.text(evil)
            html.slot(evil, "b", ["data-x": evil], evil, live: ["title": evil, "onclick": evil])
        }
        let text = String(decoding: html.bytes, as: UTF8.self)
        #expect(
            !text.contains("<script") && !text.contains("onclick") && !text.contains("\u{202e}")
                && !text.contains("\u{7}"))
        #expect(text.components(separatedBy: "<p").count == 2)
        #expect(text.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;\\u{202e}\\u{7}"))
    }

    @Test func `two pieces in which only slots differ have one shape`() {
        func shape(_ text: String, _ live: String, _ more: Bool = false) -> Int {
            var html = HTMLWriter()
            html.element("p", "a")
            html.slot("k", "b", ["class": "c"], text, live: ["title": live])
            if more { html.void("br") }
            return html.shape
        }
        #expect(shape("1", "x") == shape("2", "yy"))
        #expect(shape("1", "x") != shape("1", "x", true))
    }

    @Test func `line ends of a text stay lines`() {
        var html = HTMLWriter()
        html.element("textarea") { $0.lines("a: <b>\r\nc\n") }
        #expect(String(decoding: html.bytes, as: UTF8.self) == "<textarea>\na: &lt;b&gt;\nc\n</textarea>")
    }
}

/// How numbers are shown.
@Suite struct ShownTests {
    @Test(arguments: [
        ("0", 2, "0.00"), ("5.1", 2, "5.10"), ("-3.456", 2, "−3.46"), ("1234.5", 1, "1234.5"),
        ("12345.67", 1, "12\u{202f}345.7"),
        ("1234567", 0, "1\u{202f}234\u{202f}567"), ("0.004", 2, "0.00"),
    ])
    func `a number has its digits and its groups`(number: String, decimals: Int, shown: String) throws {
        #expect(Shown.number(try #require(ExactDecimal(number)), decimals: decimals) == shown)
    }
}

/// What today is, and what yesterday was until the same time.
@Suite struct DayTraceTests {
    private let zone = Zone("Europe/Zurich") ?? .utc

    private func trace(from start: Int64, hours: Int64, step: Int64 = 900) -> DayTrace {
        var trace = DayTrace()
        // A kWh an hour.
        for second in stride(from: start, through: start + hours * 3600, by: Int(step)) {
            trace.note(ExactDecimal((second - start) / 36, exponent: -2), at: Timestamp(seconds: second))
        }
        return trace
    }

    @Test func `a day begins at midnight of the zone`() throws {
        // 2026-06-15 00:00 in Zurich.
        let start: Int64 = 1_781_474_400
        let day = try #require(
            trace(from: start - 3600, hours: 1 + 24 + 13).day(at: Timestamp(seconds: start + 37 * 3600), in: zone))
        #expect(day.since == nil)
        #expect(abs((Double(day.today.description) ?? 0) - 13) <= 0.26)
        #expect(abs((Double(day.yesterday?.description ?? "") ?? 0) - 13) <= 0.26)
    }

    @Test func `a day of which the beginning was missed says since when`() throws {
        let start: Int64 = 1_781_474_400 + 8 * 3600
        let day = try #require(trace(from: start, hours: 2).day(at: Timestamp(seconds: start + 7200), in: zone))
        #expect(day.since == Timestamp(seconds: start))
        #expect(day.today == ExactDecimal(2))
        #expect(day.yesterday == nil)
    }

    @Test func `the nights of the changing clocks have their midnights`() {
        for (noon, midnight) in [
            ("2026-10-25T11:00:00Z", "2026-10-24T22:00:00Z"), ("2026-10-26T11:00:00Z", "2026-10-25T23:00:00Z"),
            ("2026-03-29T10:00:00Z", "2026-03-28T23:00:00Z"), ("2026-03-30T10:00:00Z", "2026-03-29T22:00:00Z"),
        ] {
            #expect(
                RFC3339.instant(noon).map { DayMarks(at: $0, in: zone).midnight } == RFC3339.instant(midnight),
                "\(noon)")
        }
    }

    @Test func `a counter that falls begins anew`() throws {
        var trace = trace(from: 1_781_474_400, hours: 5)
        trace.note(ExactDecimal(1), at: Timestamp(seconds: 1_781_474_400 + 6 * 3600))
        trace.note(ExactDecimal(3), at: Timestamp(seconds: 1_781_474_400 + 7 * 3600))
        let day = try #require(trace.day(at: Timestamp(seconds: 1_781_474_400 + 8 * 3600), in: zone))
        #expect(day.today == ExactDecimal(2))
    }
}
