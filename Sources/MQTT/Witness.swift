// SPDX-License-Identifier: Apache-2.0
/// A second connection to a broker that keeps closing the first one, under a name of its own.
///
/// It shares the network with the first and not the session: it lives on when another client takes that, and falls with it when
/// the network or the broker fails.
final class Witness: Sendable {
    enum Finding: Sendable {
        case connecting
        case alive
        case lost
        /// The broker does not let it in, so it cannot tell anything.
        case refused
    }

    private let state = Locked(Finding.connecting)
    private let isDismissed = Locked(false)
    private let task: BackgroundTask<Bool>

    init(broker: BrokerSettings, wakeup: Wakeup) {
        let (state, isDismissed) = (state, isDismissed)
        task = BackgroundTask(wakeup: wakeup, orElse: false) {
            Self.stay(broker, state, isDismissed)
            return true
        }
        // What cannot be found out accuses nobody.
        if task.result == false { state.withLock { $0 = .lost } }
    }

    deinit { isDismissed.withLock { $0 = true } }

    var finding: Finding { state.withLock { $0 } }

    private static func stay(_ broker: BrokerSettings, _ state: Locked<Finding>, _ isDismissed: Locked<Bool>) {
        let client = OneShotClient(broker: broker, clientIDPrefix: "obis-bridge-witness")
        do throws(MQTTError) {
            try client.connect()
            state.withLock { $0 = .alive }
            while !isDismissed.withLock({ $0 }) { _ = try client.receive(timeout: .milliseconds(200)) }
            client.close()
        } catch {
            state.withLock { $0 = error.isConfigurationFault ? .refused : .lost }
        }
    }
}
