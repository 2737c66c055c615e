// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// What happens to the bridge while numbered messages run through it.
enum LossScenario: String, CaseIterable, CustomTestStringConvertible {
    /// Killed at random instants while messages come, on two brokers.
    case steady = "kill -9 under load, MQTT 5"
    case steady311 = "kill -9 under load, MQTT 3.1.1"
    /// Killed while it works off what was queued for it.
    case backlog = "kill -9 while draining a backlog, MQTT 5"
    case backlog311 = "kill -9 while draining a backlog, MQTT 3.1.1"
    case oneBroker = "kill -9, input and output are one broker"
    case exactlyOnce = "kill -9, publisher at QoS 2 (window 20)"
    case tasmota = "kill -9, publisher at QoS 0, upgrade_outgoing_qos true"
    /// Telegrams of two messages each.
    case groups = "kill -9 with register groups open"
    /// Telegrams line by line.
    case telegrams = "kill -9 with P1 telegrams open, a line a message"
    case telegramBacklog = "kill -9 while draining a backlog of P1 lines"
    case outputStalled = "kill -9 while the output broker is stopped (SIGSTOP)"
    case outputKilled = "output broker killed and started again"
    case inputTerminated = "input broker stopped by SIGTERM, persistence true"
    case inputKilled = "input broker killed, autosave_on_changes true, autosave_interval 1"
    /// Everything is published while nothing can be given on.
    case outage = "output broker stopped, all waits in the input broker"
    case networkStalled = "network stalls on both sides"
    case networkHalfClosed = "network half-closed on both sides"
    case networkReset = "network reset on both sides"
    /// Where a broker puts several packets into one record, or libmosquitto reads several at once, an acknowledgement may leave
    /// too early.
    case tls = "kill -9 under load, TLS on the input"
    case tlsBacklog = "kill -9 while draining a backlog, TLS on the input"
    case library = "kill -9 under load, libmosquitto 2.1"
    case libraryBacklog = "kill -9 while draining a backlog, libmosquitto 2.1"
    case broker2021 = "kill -9 under load, mosquitto 2.0.21"
    case broker212 = "kill -9 under load, mosquitto 2.1.2"
    /// Nothing that is written to the log arrives.
    case fullLog = "kill -9 under load, the log on a full disk"
    case fullRuntime = "kill -9 under load, the runtime directory full"
    /// Brokers that misbehave, and nothing is killed.
    case outputLate = "output acknowledges late"
    case outputBackwards = "output acknowledges in the reverse order"
    case outputTwice = "output acknowledges twice"
    case outputUnknown = "output acknowledges what was not published"
    case outputCloses17 = "output closes at each 17th publication"
    case outputCloses400 = "output closes at each 400th publication, MQTT 3.1.1"
    case outputRefuses = "output refuses each 20th publication with quota exceeded"
    case outputBusy = "output says server busy at each 100th publication"
    case outputNarrow = "output takes one publication at a time"
    case outputGarbage = "output sends garbage at each 200th publication"
    case outputStalls = "output falls silent for a second"
    case outputAnything = "output does any of these at random"
    case inputGarbage = "input sends garbage now and then"
    case inputCloses = "input closes now and then"
    case inputBusy = "input says server busy now and then"
    /// Of what is killed, the broker may have lost something itself.
    case mixed = "kill -9 of the bridge, the input and the output broker in turn"

    var testDescription: String { rawValue }

    /// All in `Scripts/kill`, or those that `OBIS_KILL_ONLY` names a part of, and of them the share `OBIS_KILL_SHARE` (2/3: the second
    /// of every three); few in every test run.
    static var chosen: [LossScenario] {
        let environment = ProcessInfo.processInfo.environment
        guard environment["OBIS_KILLS"] != nil else {
            return [
                .steady, .telegramBacklog, .outputStalled, .networkReset, .tlsBacklog, .libraryBacklog, .outputAnything,
            ]
            .filter(\.isPossible)
        }
        let part = environment["OBIS_KILL_ONLY"] ?? ""
        let named = allCases.filter { $0.isPossible && (part.isEmpty || $0.rawValue.contains(part)) }
        let share = (environment["OBIS_KILL_SHARE"] ?? "").split(separator: "/").compactMap { Int($0) }
        guard share.count == 2, share[1] > 0 else { return named }
        return named.enumerated().filter { $0.offset % share[1] == share[0] - 1 }.map(\.element)
    }

    /// Another version of libmosquitto or mosquitto, where the environment names one.
    private static func program(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    private var isPossible: Bool {
        switch self {
        case .library, .libraryBacklog: libraryFolder != nil
        case .broker2021, .broker212: brokerProgram != nil
        case .fullRuntime: SmallDisk.isAvailable
        default: true
        }
    }

    /// Where the libmosquitto is that the bridge runs with; nil: the system's.
    var libraryFolder: String? {
        self == .library || self == .libraryBacklog ? Self.program("OBIS_LIBMOSQUITTO") : nil
    }

    /// The mosquitto of both brokers; nil: the system's.
    var brokerProgram: String? {
        switch self {
        case .broker2021: Self.program("OBIS_MOSQUITTO_2_0_21")
        case .broker212: Self.program("OBIS_MOSQUITTO_2_1_2")
        default: nil
        }
    }

    /// How the output broker misbehaves.
    var outputMischief: Mischief? {
        switch self {
        case .outputLate: .acknowledgesLate
        case .outputBackwards: .acknowledgesBackwards
        case .outputTwice: .acknowledgesTwice
        case .outputUnknown: .acknowledgesUnknown
        case .outputCloses17: .closesAt17
        case .outputCloses400: .closesAt400
        case .outputRefuses: .refusesSome
        case .outputBusy: .disconnectsBusy
        case .outputNarrow: .narrow
        case .outputGarbage: .garbage
        case .outputStalls: .stalls
        case .outputAnything: .anything
        // What the broker has acknowledged and never delivers is the broker's.
        case .outputKilled, .mixed: .nothing
        default: nil
        }
    }

    /// How the input broker misbehaves: the proxy counts what it delivers.
    var inputMischief: Mischief? {
        switch self {
        case .inputGarbage: .garbage
        case .inputCloses: .closesAt17
        case .inputBusy: .disconnectsBusy
        // What the bridge has not acknowledged is the broker's to deliver again.
        case .mixed: .nothing
        default: nil
        }
    }

    /// Each close costs a fifth of a second, each refusal a second: fewer messages.
    var slowness: Int {
        switch outputMischief ?? inputMischief {
        case .closesAt17: 10
        case .refusesSome: 20
        default: 1
        }
    }
    /// Single publications are refused and come later.
    var refuses: Bool { outputMischief == .refusesSome || outputMischief == .anything }
    var isMischief: Bool {
        [inputMischief, outputMischief].contains { $0 != nil && $0 != .nothing }
    }
    var usesTLS: Bool { self == .tls || self == .tlsBacklog }

    var version: String { [.steady311, .backlog311, .outputCloses400].contains(self) ? "3.1.1" : "5" }
    var hasOneBroker: Bool { self == .oneBroker }
    /// Published as fast as the broker takes it.
    var isBacklog: Bool {
        [.backlog, .backlog311, .telegramBacklog, .outage, .tlsBacklog, .libraryBacklog].contains(self)
    }
    var usesProxy: Bool { [.networkStalled, .networkHalfClosed, .networkReset].contains(self) }
    var inputPersists: Bool { self == .inputTerminated || self == .inputKilled || self == .mixed }
    var outputPersists: Bool { self == .outputKilled || self == .mixed }

    /// What mosquitto has to be told to keep its part of the promise.
    var brokerLines: [String] {
        ["max_queued_messages 1000000"] + (self == .tasmota ? ["upgrade_outgoing_qos true"] : [])
    }

    var source: String {
        switch self {
        case .groups: "{adapter: smartmeter-datacollector, subscribe: smartmeter/1/#, meter: haus}"
        case .telegrams, .telegramBacklog: "{adapter: p1, subscribe: raw/lines, meter: haus}"
        default: "{adapter: gplug, labels: gplug-e-as3000, subscribe: tele/g/SENSOR, meter: haus}"
        }
    }

    /// The messages that carry number `number`; a reading with it proves that they arrived.
    func messages(_ number: Int) -> [(topic: String, payload: String)] {
        switch self {
        case .groups:
            // Half of a telegram each: the time is the telegram's.
            let register = number % 2 == 0 ? "ACTIVE_POWER_P" : "ACTIVE_POWER_N"
            let time = 1_795_200_000 + number / 2
            return [("smartmeter/1/\(register)", "{\"value\": \(number).0, \"timestamp\": \(time)}")]
        case .telegrams, .telegramBacklog:
            let value = "\(number / 1000)".leftPadded(3) + "." + "\(number % 1000)".leftPadded(3)
            return [
                "/ISK5\\2M550T-1012", "", "1-0:1.7.0(\(value)*kW)", "1-0:2.7.0(000.000*kW)", "0-0:96.14.0(0002)",
                "0-0:96.13.0()", "!",
            ]
            .map { ("raw/lines", $0) }
        case .outage:
            // Large enough to be seen in the memory, were they kept.
            let padding = String(repeating: "x", count: 1000)
            return [("tele/g/SENSOR", "{\"z\":{\"Pi\":\(number)},\"padding\":\"\(padding)\"}")]
        default:
            return [("tele/g/SENSOR", "{\"Time\":\"2026-11-20T22:40:00\",\"z\":{\"Pi\":\(number)}}")]
        }
    }

    /// Microseconds between two messages that are published one by one. A mosquitto that saves at each change takes milliseconds
    /// for it.
    var pause: UInt32 { self == .inputKilled || self == .mixed ? 4000 : 1000 }

    /// How many messages one number takes.
    var messagesPerNumber: Int { messages(1).count }

    /// The registers that the numbers come out in.
    var registers: [String] { self == .groups ? ["1-0:1.7.0", "1-0:2.7.0"] : ["1-0:1.7.0"] }
}

extension String {
    fileprivate func leftPadded(_ count: Int) -> String {
        String(repeating: "0", count: max(0, count - self.count)) + self
    }
}
