// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Harmonizer
@testable import History
@testable import PlugTest
@testable import bridge

/// Today and yesterday on the page, of what the process has not seen.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct PageHistoryTests {
    private static let code = OBISCode(1, 0, 1, 8, 1)

    /// Writes what a bridge of before would have.
    private func write(_ values: [(Int64, String)], to path: String) throws {
        let file = try HistoryFile(HistoryFile.Settings(path: path, zone: { _ in .utc }))
        var book = HistoryBook(nextSeries: file.nextSeries)
        for (second, value) in values {
            let registers = [1, 2].map { tariff in
                RegisterValue(
                    obis: OBISCode(1, 0, 1, 8, tariff),
                    value: .number(tariff == 1 ? ExactDecimal(value) ?? .zero : ExactDecimal(5)), unit: Unit("kWh"))
            }
            book.take(
                HistoryReading(meter: "house", time: Timestamp(seconds: second), registers: registers),
                keepsRaw: false, isCounter: \.isCounter, store: file)
        }
        try file.write(book)
    }

    private func energy(_ page: String, _ key: String) -> String? {
        let parts = page.components(separatedBy: "m.house.energy_import.\(key)\"")
        return parts.count > 1 ? parts[1].drop { $0 != ">" }.dropFirst().prefix { $0 != "<" }.description : nil
    }

    @Test func `a restarted bridge shows today and yesterday from the history, until the meter is forgotten`()
        async throws
    {
        try await onOwnThread {
            let broker = try MosquittoBroker()
            let folder = try TemporaryDirectory()
            let now = Int64(Date().timeIntervalSince1970)
            let midnight = now / 86_400 * 86_400
            try write(
                [
                    (midnight - 86_400 - 60, "100"), (now - 86_400 - 1, "104.25"), (midnight - 60, "110"),
                ].sorted { $0.0 < $1.0 }, to: "\(folder.path)/history.db")
            let web = try WebBridge(broker: broker.port, more: "history: on", folder: folder)
            try web.send("{\"z\":{\"Pi\":5,\"B1\":113.5,\"B2\":5}}")
            let page = try web.wait("/") { $0.text.contains("m.house.energy_import.y") }.text
            // In the first quarter hour of a day yesterday's has no value yet.
            if now % 86_400 > 900, now % 86_400 < 86_000 {
                #expect(energy(page, "d") == "3.50", "\(page)")
                #expect(energy(page, "y") == "4.25")
            }
            let token = try #require(page.components(separatedBy: "data-token=\"").last?.prefix { $0 != "\"" })
            let answer = try http(
                "/page/meters/house/forget", port: web.port, method: "POST",
                headers: [
                    "Origin: http://localhost:\(web.port)", "X-Obis-Bridge-Token: \(token)", "Content-Length: 0",
                ])
            #expect(answer.text.contains("its history is being deleted from \(folder.path)/history.db"))
            #expect(answer.text.contains("kept for the page: deleted"))
            #expect(answer.text.contains("files of yours"))
            #expect(web.bridge.wait(forLog: "everything of meter house is deleted"))
            try web.send("{\"z\":{\"Pi\":6,\"B1\":113.75,\"B2\":5}}")
            let later = try web.wait("/") { $0.text.contains("m.house.energy_import") }.text
            #expect(energy(later, "y") == nil)
            #expect(web.bridge.stop() == 0)
        }
    }
}
