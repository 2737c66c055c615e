// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import History
import Testing

@testable import BridgeConfiguration

/// What `history:` may say.
@Suite struct HistorySettingsTests {
    private func load(_ history: String) -> (settings: HistoryWriter.Settings?, problems: [String]) {
        let loader = ConfigurationLoader(environment: [:])
        let text = """
            broker: mqtt://localhost
            zone: Europe/Zurich
            sources: {g: {adapter: gplug}}
            meters: {house: {}, "Far Away": {zone: Asia/Kathmandu}}
            \(history)
            """
        let loaded = loader.load(text, file: "/somewhere/bridge.yaml")
        return (loaded?.history, loader.problems.sorted.filter { !$0.isWarning }.map(\.description))
    }

    @Test func `without a word nothing is kept`() {
        #expect(load("").settings == nil)
        #expect(load("history: off").settings == nil)
        #expect(load("history:").settings == nil)
    }

    @Test func `on is 25 months of quarter hours and 7 days of readings beside the configuration`() throws {
        let settings = try #require(load("history: on").settings)
        #expect(settings.path == "/somewhere/history.db")
        #expect(settings.retention == .seconds(25 * 2_629_746) && settings.raw == .days(7))
        #expect(settings.zone.identifier == "Europe/Zurich")
        let level = MeterID.level(given: "Far Away")
        #expect(settings.zones.mapValues(\.identifier) == [level: "Asia/Kathmandu"])
    }

    @Test func `a file is beside the configuration, or where its path says`() {
        #expect(load("history: {file: h.db}").settings?.path == "/somewhere/h.db")
        #expect(load("history: {file: /data/h.db}").settings?.path == "/data/h.db")
    }

    @Test(
        arguments: [
            ("90d", .days(90)), ("2y", .seconds(2 * 31_556_952)), ("1mo", .seconds(2_629_746)), ("forever", nil),
        ] as [(String, TimeSpan?)]) func `a retention is days, months or years`(text: String, span: TimeSpan?) throws
    {
        let settings = try #require(load("history: {retention: \(text), raw: off}").settings)
        #expect(settings.retention == span && settings.raw == .zero)
    }

    @Test(arguments: [
        (
            "history: perhaps",
            "/somewhere/bridge.yaml:5:10: error: \"history\" is on, off, or a mapping with file, retention and raw, not \"perhaps\""
        ),
        (
            "history: {retention: 7}",
            "/somewhere/bridge.yaml:5:22: error: \"retention\" is a number of months, years or days (25mo, 2y, 90d), or forever, not \"7\""
        ),
        (
            "history: {retention: 0d}",
            "/somewhere/bridge.yaml:5:22: error: \"retention\" is a number of months, years or days (25mo, 2y, 90d), or forever, not \"0d\""
        ),
        (
            "history: {raw: 2y}",
            "/somewhere/bridge.yaml:5:16: error: \"raw\" is how long single readings are kept (7d, 12h), from 1s to 366d, or off, not \"2y\""
        ),
        (
            "history: {path: x}",
            "/somewhere/bridge.yaml:5:11: error: unknown key \"path\" in \"history\", did you mean \"file\"?"
        ),
    ]) func `a mistake is told with its place`(text: String, problem: String) {
        #expect(load(text).problems == [problem])
    }
}
