// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

@testable import bridge

/// The log advises to name the dictionary that was guessed. Whoever does it must not make a held counter believed.
@Suite struct GuessedLabelsTests {
    private static func yaml(_ labels: String) -> String {
        "zone: UTC\nsources: {reader: {adapter: gplug\(labels), subscribe: tele/+/SENSOR}}"
    }

    private static func payload(_ step: Int, energy: String) -> [UInt8] {
        let clock = String(format: "%02d:%02d", step / 6, step % 6 * 10)
        return Array(
            """
            {"Time":"2026-11-20T12:\(clock)","z":{"SMid":"3931303030303030","Pi":0.412,"Po":0.000,"P1i":412,"P2i":0,"P3i":0,\
            "P1o":0,"P2o":0,"P3o":0,"V1":229.1,"V2":230.4,"V3":231.0,"I1":1.79,"I2":0,"I3":0,"Ei":\(energy),"Eo":14421.118,\
            "Ei1":18752.361,"Ei2":24226.039,"Eo1":9301.114,"Eo2":5120.004}}
            """.utf8)
    }

    enum Way: CaseIterable { case reload, restart }

    @Test(
        arguments: [
            (", labels: gplug-d", true), (", labels: gplug-m", false),
            (", labels: gplug-d, scale: {energy: 10}", false),
        ], Way.allCases)
    func `the guessed dictionary, named, changes nothing; another one, or a factor, does`(
        named: (labels: String, isSame: Bool), way: Way
    ) throws {
        var run = ConfiguredRun(try ConfiguredRun.settings(Self.yaml("")))
        var infos: [String] = []
        for step in 0..<20 {
            infos += run.send("tele/gPlugD_1/SENSOR", Self.payload(step, energy: "42978.4\(10 + step)"), after: 10_000)
                .texts("/info")
        }
        #expect(infos.last?.contains("\"labels\":\"gplug-d\",\"guessed\":true") == true)
        let held = run.send("tele/gPlugD_1/SENSOR", Self.payload(20, energy: "72978.400"), after: 10_000)
        #expect(held.texts("/reading").first?.contains("counter.jump") == true)
        let new = try ConfiguredRun.settings(Self.yaml(named.labels))
        if way == .reload { run.reload(new) } else { run.restart(new) }
        let next = run.send("tele/gPlugD_1/SENSOR", Self.payload(21, energy: "72978.401"), after: 10_000)
        let reading = try #require(next.texts("/reading").first)
        #expect(reading.contains("counter.jump") == named.isSame, "\(reading)")
    }
}
