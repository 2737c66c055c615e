// SPDX-License-Identifier: Apache-2.0
/// Moves messages from an input to an output broker through a handler, at least once.
///
/// An input message is acknowledged only after everything the handler made of it is acknowledged by the output broker;
/// a process killed at any instant finds its unacknowledged messages again.
public final class Relay: Sendable {
    /// What other threads ask of the running loop.
    struct Requests {
        var isStopping = false
        var isWoken = false
        var isReloading = false
    }

    /// The handler on its way from `init` to the thread of `run()`.
    private struct Passenger: @unchecked Sendable {
        // Unchecked: it is sent in and taken out once; nobody else holds it.
        let handler: any RelayHandler
    }

    private let settings: RelaySettings
    private let passenger: Locked<Passenger?>
    private let requests = Locked(Requests())
    private let wakeup = Wakeup()

    /// A relay that does nothing before `run()`.
    public init(settings: RelaySettings, handler: sending some RelayHandler) {
        self.settings = settings
        passenger = Locked(Passenger(handler: handler))
    }

    /// Relays until `stop()`. It blocks its thread, which should be a dedicated one, and calls the handler on it.
    ///
    /// - Throws: what waiting cannot help at start: refused credentials or client id, an untrusted certificate, TLS on one
    ///   side only; and `sessionTakenOver` at any time. An absent broker is waited for.
    public func run() throws(MQTTError) {
        guard let handler = passenger.withLock({ $0.take() })?.handler else {
            preconditionFailure("a relay runs once")
        }
        try RelayLoop(settings: settings, handler: handler, requests: requests, wakeup: wakeup).run()
    }

    /// Lets `run()` finish cleanly: what was taken is published and acknowledged, within the grace time. Any thread.
    public func stop() {
        requests.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    /// Has `reload()` called between two messages. Any thread.
    public func reload() {
        requests.withLock { $0.isReloading = true }
        wakeup.signal()
    }

    /// Has `advance()` called soon, for a handler fed from elsewhere too. Any thread.
    public func wake() {
        requests.withLock { $0.isWoken = true }
        wakeup.signal()
    }
}
