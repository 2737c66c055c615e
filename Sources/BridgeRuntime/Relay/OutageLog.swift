// SPDX-License-Identifier: Apache-2.0
import MQTT

/// Limits the log lines about an absent broker: the same failure is logged the first time, the tenth, the hundredth …,
/// and its advice once.
struct OutageLog: Sendable {
    private struct Outage {
        var reason: MQTTError
        var tries = 1
    }

    /// The outages by connection, until it is up again.
    private var outages: [RelaySide: Outage] = [:]

    /// The line to log for an event; nil for a repeated failure.
    mutating func line(_ event: RelayEvent, _ text: String) -> String? {
        switch event {
        case .connected(let side, _, _):
            outages[side] = nil
            return text
        case .disconnected(let side, let reason):
            guard let known = outages[side], known.reason == reason else {
                outages[side] = Outage(reason: reason)
                guard case .unreachable = reason else { return text }
                return text + " (is mosquitto running there, and does it listen to more than its own computer?)"
            }
            outages[side]?.tries += 1
            let tries = known.tries + 1
            return Self.isRound(tries) ? "\(text) (\(tries) times so far)" : nil
        default: return text
        }
    }

    /// 10, 100, 1000 …
    private static func isRound(_ count: Int) -> Bool {
        var rest = count
        while rest >= 10, rest % 10 == 0 { rest /= 10 }
        return rest == 1 && count >= 10
    }
}
