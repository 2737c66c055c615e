// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Harmonizer

/// Whatever stands in an id, a label or a text: topics stay topics, and lines stay lines.
@Suite struct HostileTextTests {
    static let words = [
        "a/b", "+", "#", "$SYS", "a+b#c/d", "../../etc/passwd", "\u{1b}[31mred\u{1b}[0m", "\u{0}nul\u{0}",
        "line\r\nbreak",
        "\u{202e}drawkcab", "\u{2066}isolate\u{2069}", "\u{200b}zero\u{200c}width", "\u{61c}mark", "\u{feff}bom",
        "\u{9b}31m", "\u{7f}", "\u{2028}line\u{2029}paragraph", "\u{e0041}tag", "ﬂügel", "٣", "é", "e\u{301}",
        "{meter}", "{obis}", "${HOME}", "%s%n", "';--", "\"quoted\\", "😀", "İ", "A\u{300}\u{300}\u{300}",
    ]

    /// Anything that a terminal or a log viewer acts on.
    static func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
            default: true
            }
        }
    }

    private func harmlessTopics(_ publications: [Publication]) -> Bool {
        publications.allSatisfy { publication in
            let levels = publication.topic.split(separator: "/", omittingEmptySubsequences: false)
            return publication.topic.hasPrefix("harmonized/v1/")
                && (levels.count == 5 || (levels.count == 6 && levels[4] == "obis"))
                && publication.topic.utf8.allSatisfy { byte in
                    (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
                        || [0x2d, 0x5f, 0x2f, 0x3a, 0x2e].contains(byte)
                }
        }
    }

    @Test(arguments: words) func `an id makes one harmless topic level`(word: String) throws {
        var test = try TestPipeline([TestPipeline.source()])
        let publications = test.send("in/a", "id=X\(word) 1-0:1.8.0=1kWh")
        #expect(publications.readings.count == 1, "\(publications)")
        #expect(harmlessTopics(publications), "\(publications.topics)")
        for publication in publications {
            #expect(Self.isHarmless(String(decoding: publication.payload, as: UTF8.self)), "\(publication)")
        }
    }

    @Test func `different ids stay different meters`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        let meters = Self.words.flatMap { test.send("in/a", "id=X\($0) 1-0:1.8.0=1kWh").meters }
        // Two spellings of one accented letter are one id.
        #expect(Set(meters).count == Self.words.count - 1)
    }

    @Test(arguments: words) func `a device's topic makes one harmless topic level`(word: String) throws {
        var test = try TestPipeline([TestPipeline.source(filter: "in/#")])
        let publications = test.send("in/\(word)", "1-0:1.8.0=1kWh")
        #expect(publications.readings.count == 1, "\(publications)")
        #expect(harmlessTopics(publications), "\(publications.topics)")
        for publication in publications {
            #expect(Self.isHarmless(String(decoding: publication.payload, as: UTF8.self)), "\(publication)")
        }
    }

    @Test(arguments: words) func `a text register and a unit are harmless in every payload`(word: String) throws {
        var test = try TestPipeline([TestPipeline.source()])
        let publications = test.send("in/a", "id=A1 0-0:96.13.0=x\(word) 1-0:1.8.0=1\(word)")
        #expect(harmlessTopics(publications), "\(publications.topics)")
        for publication in publications {
            #expect(Self.isHarmless(String(decoding: publication.payload, as: UTF8.self)), "\(publication)")
        }
    }

    @Test(arguments: words) func `a label and a malformed line are harmless in the log`(word: String) throws {
        var test = try TestPipeline([TestPipeline.source()])
        _ = test.send("in/a", "id=A\(word) label=x\(word) guess=x\(word) 1-0:1.8.0=1kWh")
        let said = test.pipeline.takeDiagnostics().map(\.description)
        #expect(!said.isEmpty)
        for line in said { #expect(Self.isHarmless(line), "\(line)") }
    }

    @Test(arguments: words) func `a reject is harmless, and the payload can be restored from it`(word: String) throws {
        var test = try TestPipeline([TestPipeline.source(filter: "in/#")])
        let publications = test.send("in/x\(word)", "bad x\(word)")
        let reject = try #require(publications.first)
        let text = String(decoding: reject.payload, as: UTF8.self)
        #expect(Self.isHarmless(text), "\(text)")
        #expect(publications.object(text)["payload"] as? String == "bad x\(word)")
    }

    @Test func `plain text is left as it is`() {
        for text in ["", "Zähler 1", "24,5 °C", "€", "日本", "a\"b\\c", "😀"] { #expect(Printable.escaped(text) == text) }
    }

    @Test func `what is too long ends with an ellipsis`() {
        #expect(Printable.escaped("abcdef", limit: 3) == "abc…")
        #expect(Printable.escaped("abc", limit: 3) == "abc")
        #expect(Printable.escaped("\u{1b}[31m") == "\\u{1b}[31m")
    }
}
