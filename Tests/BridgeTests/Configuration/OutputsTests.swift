// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import MQTT
import TestSupport
import Testing

@testable import BridgeConfiguration

/// `outputs:` in `bridge.yaml`, and the real program with several of them.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct OutputsTests {
    private func problems(_ text: String) -> [String] {
        let loader = ConfigurationLoader(environment: [:])
        _ = loader.load(text, file: "bridge.yaml")
        return loader.problems.sorted.map(\.description)
    }

    @Test func `the bundle of a bridge must not come back as a reader's`() {
        let found = problems(
            """
            sources: {scs: {adapter: smartmeter-datacollector}}
            outputs:
              - rl-dsp: {group: bridge}
            """)
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix(
                "bridge.yaml:3:5: error: \"rl-dsp\" publishes on dt/bridge/+/ds, which the source \"scs\" reads as dt/+/#: "
                    + "give the readers' bundles another group than the bridge's") == true, "\(found)")
        #expect(
            problems(
                """
                sources: {scs: {adapter: smartmeter-datacollector, subscribe: [smartmeter/#, dt/building/#]}}
                outputs: [rl-dsp: {group: bridge}]
                """
            ).isEmpty)
        #expect(
            problems(
                """
                broker: mqtt://a
                output_broker: mqtt://b
                sources: {scs: {adapter: smartmeter-datacollector}}
                outputs: [rl-dsp]
                """
            ).isEmpty, "two brokers: nothing comes back")
    }

    @Test func `Home Assistant's birth message is subscribed to`() throws {
        let loader = ConfigurationLoader(environment: [:])
        let loaded = loader.load(
            "{sources: {gplug: {adapter: gplug}}, outputs: [home-assistant]}", file: "bridge.yaml")
        let configuration = try #require(loaded)
        #expect(configuration.subscriptions.map(\.filter).contains("homeassistant/status"))
        #expect(configuration.outputs.includesHarmonized, "its states are the obis topics")
    }

    @Test func `without harmonized only what the bridge needs is published of it`() throws {
        let loader = ConfigurationLoader(environment: [:])
        let loaded = loader.load("{sources: {gplug: {adapter: gplug}}, outputs: [rl-dsp]}", file: "bridge.yaml")
        let topics = try #require(loaded).profile.topics
        #expect(!topics.reading.isEnabled && !topics.obis.isEnabled && topics.state.isEnabled && topics.info.isEnabled)
    }

    @Test func `a running bridge announces itself and its meters, and says goodbye`() throws {
        let broker = try MosquittoBroker()
        let sub = try MosquittoSub(port: broker.port, topics: ["homeassistant/#", "homie/#", "dt/#", "victron/#"])
        let bridge = try RunningBridge(
            """
            bridge: pi
            broker: mqtt://127.0.0.1:\(broker.port)
            zone: Europe/Zurich
            sources: {gplug: {adapter: gplug, labels: gplug-d}}
            outputs:
              - home-assistant
              - homie-5
              - rl-dsp
              - template: {meters: [a1], topic: victron/grid, payload: '{"grid":{"power":{{power}}}}'}
            """)
        try mosquittoPub(
            port: broker.port, topic: "tele/gPlug11/SENSOR",
            payload: #"{"Time":"2026-11-21T00:27:09","z":{"SMid":"4131","Pi":0.412,"Po":0.000}}"#)
        #expect(sub.wait { $0.contains { $0.hasPrefix("victron/grid") } }, "\(bridge.log)")
        _ = bridge.stop()
        #expect(sub.wait { $0.contains("homie/5/bridge-pi/$state disconnected") })
        let lines = sub.messages
        #expect(lines.contains { $0.hasPrefix("homeassistant/device/obis_bridge_pi/config {") })
        #expect(lines.contains { $0.hasPrefix("homeassistant/device/obis_") && $0.contains("1-0_1.7.0") })
        #expect(lines.contains { $0.hasPrefix("homie/5/bridge-pi/$description {") })
        #expect(lines.contains { $0.hasPrefix("dt/bridge/") && $0.contains("\"1.7.0\":412") })
        #expect(lines.contains("victron/grid {\"grid\":{\"power\":412}}"))
    }
}
