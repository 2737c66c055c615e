// SPDX-License-Identifier: Apache-2.0
/// Moves messages from an input to an output broker through a handler, at least once.
///
/// An input message is acknowledged only after the output broker has acknowledged all its results; after a kill at any
/// instant, the broker delivers the unacknowledged messages again.
public final class Relay: Sendable {
    /// What other threads request of the running loop.
    struct Requests {
        var isStopping = false
        var isWoken = false
        var isReloading = false
    }

    /// Carries the handler from `init` to the thread of `run()`.
    private struct Passenger: @unchecked Sendable {
        // Unchecked: the handler is stored once and taken out once; no other code holds it.
        let handler: any RelayHandler
    }

    private let settings: RelaySettings
    private let passenger: Locked<Passenger?>
    private let requests = Locked(Requests())
    private let wakeup = Wakeup()

    /// A relay, idle until `run()`.
    public init(settings: RelaySettings, handler: sending some RelayHandler) {
        self.settings = settings
        passenger = Locked(Passenger(handler: handler))
    }

    /// Relays until `stop()`. It blocks its thread, which should be a dedicated one, and calls the handler on it.
    ///
    /// - Throws: errors that waiting cannot fix at start: refused credentials or client id, an untrusted certificate,
    ///   TLS on one side only; and `sessionTakenOver` at any time. It waits for a broker that is absent.
    public func run() throws(MQTTError) {
        guard let handler = passenger.withLock({ $0.take() })?.handler else {
            preconditionFailure("a relay runs once")
        }
        try RelayLoop(settings: settings, handler: handler, requests: requests, wakeup: wakeup).run()
    }

    /// Lets `run()` finish cleanly: messages already taken are published and acknowledged, within the grace time. Any
    /// thread.
    public func stop() {
        requests.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    /// Requests a call of `reload()` between two messages. Any thread.
    public func reload() {
        requests.withLock { $0.isReloading = true }
        wakeup.signal()
    }

    /// Requests a call of `advance()` soon, for a handler that also gets data elsewhere. Any thread.
    public func wake() {
        requests.withLock { $0.isWoken = true }
        wakeup.signal()
    }
}
