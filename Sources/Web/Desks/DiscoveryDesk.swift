// SPDX-License-Identifier: Apache-2.0
import Adapters
import BridgeConfiguration
import BridgeRuntime
import Harmonizer
import MQTT
import Machine
import Page

/// Searches the whole broker for readers, for a minute, on its own connection and thread.
final class DiscoveryDesk: Sendable {
    private static let seconds = 60

    private let state = Locked(DiscoveryGlance(seconds: DiscoveryDesk.seconds))

    var glance: DiscoveryGlance { state.withLock { $0 } }

    /// Begins a search; does nothing while one runs.
    func start(_ configuration: Configuration) {
        let isBegun = state.withLock { state in
            guard !state.isRunning else { return false }
            state = DiscoveryGlance(started: SystemClock.now, seconds: Self.seconds)
            return true
        }
        guard isBegun else { return }
        let isStarted = startThread(named: "discover") { [self] in listen(configuration) }
        if !isStarted { finish { $0.problem = "the system cannot start a thread for it" } }
    }

    private func listen(_ configuration: Configuration) {
        let profile = configuration.profile
        var discovery = Discovery(
            placeholders: profile.placeholders, sources: configuration.sources, own: configuration.ownReaders)
        var listener = DiscoveryListener(
            configuration.input.settings, outputRoot: profile.topics.root, asks: false,
            interruption: Interruption(isHeeded: false))
        listener.say = { _ in }
        do throws(MQTTError) {
            try listener.listen(to: &discovery, for: .seconds(Self.seconds), waiting: .zero)
        } catch {
            return finish { $0.problem = configuration.sentence(error) }
        }
        let report = DiscoveryReport(discovery)
        let yaml = DiscoveryYAML(report.findings).text
        finish { glance in
            glance.report = report.text
            glance.yaml = yaml
        }
    }

    /// Forgets the result, which names readers and their meters.
    func forget() {
        state.withLock { state in
            if !state.isRunning { state = DiscoveryGlance(seconds: Self.seconds) }
        }
    }

    private func finish(_ change: (inout DiscoveryGlance) -> Void) { state.withLock { change(&$0) } }
}
