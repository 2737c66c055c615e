// SPDX-License-Identifier: Apache-2.0
package import MQTT

/// The state of the broker connections: what the bridge still waits for, and the number of reconnects.
package struct LinkState: Sendable {
    /// The relay's status at the end of the last pass.
    var status = RelayStatus()
    private(set) var sessionsLost = 0
    private var connections: [RelaySide: Int] = [:]
    /// Why a side is away, from its last connection or attempt.
    private var causes: [RelaySide: String] = [:]
    private var isSubscribed = false
    /// Filters that the broker does not allow.
    private var refused: [String] = []
    private var baselineProblem: String?
    /// Facts that work but have consequences that an operator should know, each once.
    package private(set) var remarks: [String] = []

    /// Records an event of the connections.
    mutating func note(_ event: RelayEvent) {
        switch event {
        case .connected(let side, _, let sessionPresent):
            connections[side, default: 0] += 1
            causes[side] = nil
            // Without its session the bridge has to subscribe again.
            if side == .input, !sessionPresent {
                isSubscribed = false
                refused = []
            }
        case .disconnected(let side, let reason), .refused(let side, let reason): causes[side] = reason.cause
        case .subscribed: isSubscribed = true
        case .subscriptionRefused(let filter, _):
            if !refused.contains(filter.filter), refused.count < 100 { refused.append(filter.filter) }
        case .sessionLost: sessionsLost += 1
        case .baselineIncomplete(let reason): baselineProblem = reason
        case .topicsAltered, .retainedByNameOnly, .retainedMissing:
            let text = "\(event)"
            if !remarks.contains(text), remarks.count < 10 { remarks.append(text) }
        default: break
        }
    }

    /// Applies a new configuration: refused filters that it no longer contains are not missing.
    mutating func reloaded(_ filters: [String]) { refused.removeAll { !filters.contains($0) } }

    /// The number of reconnects.
    package func reconnects(_ side: RelaySide) -> Int { max(0, connections[side, default: 0] - 1) }

    package func isConnected(_ side: RelaySide) -> Bool {
        side == .input ? status.isInputConnected : status.isOutputConnected
    }

    private func away(_ side: RelaySide) -> String {
        "\(side.rawValue): not connected" + (causes[side].map { " (\($0))" } ?? "")
    }

    /// What the bridge still waits for; empty when it works.
    package var missing: [String] {
        var missing: [String] = []
        if let problem = status.outputProblem { missing.append("output: \(problem)") }
        if !status.isOutputConnected, status.outputProblem == nil { missing.append(away(.output)) }
        if !status.isBaselineDone {
            missing.append("baseline: own retained messages not read back yet")
        } else if let baselineProblem {
            missing.append("baseline: \(baselineProblem)")
        }
        if !status.isInputConnected {
            missing.append(away(.input))
        } else if !isSubscribed {
            missing.append("input: not subscribed yet")
        }
        return missing + refused.map { "input: the broker does not allow \($0)" }
    }
}
