// SPDX-License-Identifier: Apache-2.0
import MQTT

/// Reports the bridge's state to systemd: ready, alive, and what it waits for.
///
/// A bridge whose broker is away also becomes ready after a while: it works as soon as the broker does, and a unit that
/// never finishes starting would block the units after it.
struct ServiceReport {
    typealias Instant = ContinuousClock.Instant

    /// The time after which the bridge counts as ready without its subscriptions.
    static let patience: Duration = .seconds(10)

    private let manager: ServiceManager?
    private let started: Instant
    private var isReady = false
    private var status = "waiting for the broker"
    private var lastSign: Instant?

    init(_ manager: ServiceManager?, now: Instant = .now) {
        self.manager = manager
        started = now
    }

    /// Records an event of the connections.
    mutating func note(_ event: RelayEvent) {
        guard manager != nil else { return }
        switch event {
        case .subscribed(let filters):
            status = "subscribed to \(filters.map(\.filter).joined(separator: ", "))"
            becomeReady()
        case .disconnected(let side, let reason), .refused(let side, let reason):
            status = "waiting for the \(side.rawValue) broker: \(reason)"
            if isReady { manager?.status(status) }
        case .heldBack, .acknowledgesNothing, .outputPaused:
            status = "\(event)"
            if isReady { manager?.status(status) }
        case .connected(.input, _, true) where isReady:
            status = "session resumed"
            manager?.status(status)
        default: break
        }
    }

    /// Called when the loop has completed a pass, and so not by a stuck loop; resets the watchdog.
    mutating func passed(at now: Instant = .now) {
        guard let manager else { return }
        if !isReady, now - started >= Self.patience { becomeReady() }
        guard let interval = manager.watchdogInterval, lastSign.map({ now - $0 >= interval / 4 }) ?? true else {
            return
        }
        lastSign = now
        manager.alive()
    }

    /// Called after a reload, whether the new or the old configuration is in force.
    func reloaded() { if isReady { manager?.ready(status: status) } }

    private mutating func becomeReady() {
        isReady = true
        manager?.ready(status: status)
    }
}
