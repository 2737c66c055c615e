// SPDX-License-Identifier: Apache-2.0
import Adapters
import Glibc
import Harmonizer
package import Inputs
import MQTT
package import Machine

/// `discover --serial`: tries the usual speeds and formats of a serial port until a telegram can be read.
package struct SerialDiscovery {
    package let device: String
    /// How long to wait for the first byte.
    package let patience: Duration
    package let interruption: Interruption
    /// Prints progress.
    var say: (String) -> Void = { StandardError.line(Terminal.escaped($0)) }
    /// Opens the port.
    var open: (SerialSettings) -> any ByteSource = { SerialPort($0) }

    package init(
        device: String, patience: Duration, interruption: Interruption,
        say: @escaping (String) -> Void = { StandardError.line(Terminal.escaped($0)) },
        open: @escaping (SerialSettings) -> any ByteSource = { SerialPort($0) }
    ) {
        self.device = device
        self.patience = patience
        self.interruption = interruption
        self.say = say
        self.open = open
    }

    /// The setting and the adapter that were found.
    package struct Result: Equatable {
        var settings: SerialSettings
        var adapter: String

        package var yaml: String {
            "sources:\n  meter: {adapter: \(adapter), serial: {device: \(settings.device), baud: \(settings.baud), "
                + "format: \(settings.format)}}\n"
        }
    }

    /// The usual settings: P1 since DSMR 4, optical heads, M-Bus, P1 before DSMR 4 and Linky's standard mode, Linky's
    /// historic mode, M-Bus without parity, and others.
    static let usual: [(baud: Int, format: String)] = [
        (115_200, "8N1"), (9600, "8N1"), (2400, "8E1"), (9600, "7E1"), (1200, "7E1"), (2400, "8N1"), (9600, "8E1"),
        (19_200, "8N1"), (38_400, "8N1"), (57_600, "8N1"), (4800, "8N1"),
    ]
    /// The time at a setting after its first byte.
    static let trial = Duration.seconds(10)
    /// A pause that ends a telegram.
    private static let pause = Duration.milliseconds(500)
    /// The bursts to wait for: the search may begin in the middle of a telegram, so the second burst counts.
    private static let bursts = 2
    private static let most = 8192

    /// Searches for the setting at which a telegram can be read.
    ///
    /// - Throws: when the port cannot be read, when no byte comes, or when no setting gives a telegram.
    package func search() throws(InputFault) -> Result {
        for (baud, format) in Self.usual {
            let settings = SerialSettings(device: device, baud: baud, format: SerialFormat(format) ?? SerialFormat())
            let trial = Trial()
            let source = open(settings)
            let isStarted = startThread(named: "serial") {
                let fault = source.read { trial.note($0) }
                trial.state.withLock { state in
                    state.fault = fault
                    state.isEnded = true
                }
            }
            guard isStarted else { throw InputFault("\(ThreadShortage())") }
            let outcome = wait(for: trial)
            source.end()
            trial.waitForEnd()
            switch outcome {
            case .found(let adapter, let words):
                say("\(baud) Bd \(format): \(words)")
                return Result(settings: settings, adapter: adapter)
            case .fault(let fault): throw fault
            case .interrupted: throw InputFault("stopped before a telegram was read")
            case .silence:
                throw InputFault(
                    "nothing came in \(patience.components.seconds) s, at any speed: is the meter's port open, and does it "
                        + "send by itself? Optical heads that must be asked first (IEC 62056-21 mode C) are not read")
            case .unreadable(let words): say("\(baud) Bd \(format): \(words)")
            }
        }
        throw InputFault(
            "bytes come, and no setting makes a telegram of them: is the cable's signal inverted, or is another device on "
                + "the line?")
    }

    private enum Outcome {
        case found(adapter: String, String)
        case unreadable(String)
        case silence
        case interrupted
        case fault(InputFault)
    }

    private func wait(for trial: Trial) -> Outcome {
        var readers = AdapterRegistry.ofMeters.compactMap { name in
            AdapterRegistry.make(name).map { (name: name, decoder: $0.makeDecoder()) }
        }
        let start = ContinuousClock.now
        var first: ContinuousClock.Instant?
        var last = start
        var bursts = 0
        var count = 0
        var isInBurst = false
        while true {
            if interruption.isRequested { return .interrupted }
            let (messages, remark, fault, isEnded) = trial.take()
            for message in messages {
                first = first ?? .now
                last = .now
                isInBurst = true
                count += message.count
                guard remark == nil else { continue }
                let raw = RawMessage(topic: "serial", payload: message, received: SystemClock.now)
                for index in readers.indices {
                    let verdict = readers[index].decoder.decode(raw, context: DecodingContext())
                    if let words = Self.words(verdict) { return .found(adapter: readers[index].name, words) }
                }
            }
            if let remark { return .unreadable(remark) }
            if let fault { return .fault(fault) }
            if isEnded { return .interrupted }
            if isInBurst, ContinuousClock.now - last >= Self.pause {
                isInBurst = false
                bursts += 1
            }
            if let first {
                if bursts >= Self.bursts || count >= Self.most || ContinuousClock.now - first >= Self.trial {
                    return .unreadable("\(count) bytes, and no telegram in them")
                }
            } else if ContinuousClock.now - start >= patience {
                return .silence
            }
            trial.sleep()
        }
    }

    /// The description of a telegram that proves a setting; nil when the verdict does not prove it.
    private static func words(_ verdict: Verdict) -> String? {
        switch verdict {
        case .telegrams(let telegrams, _, _):
            guard let telegram = telegrams.first, !telegram.observations.isEmpty else { return nil }
            let meter = telegram.id.map { " of the meter \($0.text)" } ?? ""
            return "a telegram\(meter) with \(Count.text(telegram.observations.count, "register"))"
        // Its checksum was right.
        case .rejected(let rejection)
        where [.encrypted, .unknownList, .unprovenList, .ambiguousList].contains(rejection.reason):
            return "\(rejection.reason.rawValue): \(rejection.detail)"
        default: return nil
        }
    }

    /// The data that a thread reads at one setting.
    private final class Trial: Sendable {
        struct State {
            var messages: [[UInt8]] = []
            var remark: String?
            var fault: InputFault?
            var isEnded = false
        }

        let state = Locked(State())

        func note(_ event: ByteEvent) {
            state.withLock { state in
                switch event {
                case .opened: break
                // The trial's own limit bounds the memory.
                case .message(let bytes, _): state.messages.append(bytes)
                case .remark(let sentence): state.remark = sentence
                }
            }
        }

        func take() -> ([[UInt8]], String?, InputFault?, Bool) {
            state.withLock { state in
                defer { state.messages = [] }
                return (state.messages, state.remark, state.fault, state.isEnded)
            }
        }

        func sleep() { usleep(20_000) }

        /// Waits for the thread; afterwards the port is free again.
        func waitForEnd() { while !state.withLock({ $0.isEnded }) { sleep() } }
    }
}
