// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// Brokers, a bridge, numbered messages, and what happens to them.
final class LossRun {
    let sink: NumberSink
    /// Bytes that the bridge holds more while everything waits than before; nil where that is not looked at.
    private(set) var memoryGrowth: Int?
    private let scenario: LossScenario
    private let input: MosquittoBroker
    private let output: MosquittoBroker
    private let inputProxy: NetworkProxy?
    private let outputProxy: NetworkProxy?
    private let inputMischief: MischiefProxy?
    private let outputMischief: MischiefProxy?
    /// Where messages are published: beside the TLS listener there is a plain one.
    private let sourcePort: Int
    private let disk: SmallDisk?
    /// Bytes that a bridge had in memory at most.
    private(set) var peakMemory = 0
    private let configuration: String
    private let directory = try? TemporaryDirectory()
    private var bridge: RunningBridge
    private var count = 0
    /// The last number that the input broker had acknowledged, and the largest that had come out, at each of its kills, and whether
    /// the bridge was away at that moment.
    private var kills: [(published: Int, seen: Int, isAway: Bool)] = []
    private var isAway = false

    init(_ scenario: LossScenario) throws {
        self.scenario = scenario
        let plain = scenario.usesTLS ? try freePort() : nil
        var options = MosquittoBroker.Options(
            hasTLS: scenario.usesTLS, isPersistent: scenario.inputPersists,
            lines: scenario.brokerLines + (plain.map { ["listener \($0) 127.0.0.1"] } ?? []))
        options.program = scenario.brokerProgram ?? options.program
        input = try MosquittoBroker(options)
        sourcePort = plain ?? input.port
        options = .init(isPersistent: scenario.outputPersists, lines: scenario.brokerLines)
        options.program = scenario.brokerProgram ?? options.program
        output = scenario.hasOneBroker ? input : try MosquittoBroker(options)
        let (inputPort, outputPort) = (input.port, output.port)
        inputMischief = try scenario.inputMischief.map { mischief in
            try MischiefProxy(to: inputPort, mischief) { NumberSink.numbers(in: $0, behind: "\"Pi\":") }
        }
        let registers = scenario.registers
        outputMischief = try scenario.outputMischief.map { mischief in
            try MischiefProxy(to: outputPort, mischief) { NumberSink.numbers(in: $0, of: registers) }
        }
        disk = scenario == .fullRuntime ? try SmallDisk(kilobytes: 64) : nil
        try disk?.fill()
        inputProxy = scenario.usesProxy ? try NetworkProxy(to: input.port) : nil
        outputProxy = scenario.usesProxy ? try NetworkProxy(to: output.port) : nil
        configuration = """
            bridge: loss
            broker: {url: "\(scenario.usesTLS ? "mqtts" : "mqtt")://localhost:\(inputProxy?.port ?? inputMischief?.port ?? input.port)", \
            protocol: \(scenario.version), keepalive: 5\(input.certificates.map { ", ca_file: \($0.caFile)" } ?? "")}
            output_broker: {url: "mqtt://localhost:\(outputProxy?.port ?? outputMischief?.port ?? output.port)", protocol: \(scenario.version)}
            zone: UTC
            sources: {meter: \(scenario.source)}
            history: on
            """
        sink = try NumberSink(port: output.port, registers: scenario.registers)
        bridge = try RunningBridge(
            configuration, environment: Self.environment(scenario, disk?.path ?? directory?.path),
            log: Self.log(scenario))
        guard scenario == .fullLog else { return }
        // What is published before the first subscription is nobody's promise, and the log that tells of it is lost: a message
        // with the number 0 comes out when it is made.
        for _ in 0..<300 where sink.tally.value.readings == 0 {
            try mosquittoPub(port: sourcePort, topic: "tele/g/SENSOR", payload: "{\"z\":{\"Pi\":0}}")
            _ = sink.wait(seconds: 0.1) { $0.readings > 0 }
        }
    }

    var log: String { bridge.log }

    private static func environment(_ scenario: LossScenario, _ runtime: String?) -> [String: String] {
        var environment = runtime.map { ["RUNTIME_DIRECTORY": $0] } ?? [:]
        environment["LD_LIBRARY_PATH"] = scenario.libraryFolder
        return environment
    }

    private static func log(_ scenario: LossScenario) -> String? { scenario == .fullLog ? "/dev/full" : nil }

    /// True when the process ended by itself.
    var hasEnded: Bool { bridge.process.output.value.exitCode != nil }

    /// What the bridge did that MQTT forbids.
    var violations: [String] { (inputMischief?.violations ?? []) + (outputMischief?.violations ?? []) }

    /// Of these numbers the ones that a broker had acknowledged and lost: the output broker those that it had acknowledged to the
    /// bridge; the input broker those that the bridge had not acknowledged to it, told by whether the bridge was away at the kill.
    func lostByBroker(_ numbers: [Int]) -> (connected: Int, away: Int) {
        guard let outputMischief, outputMischief.isWitness else { return (0, 0) }
        let taken = outputMischief.acknowledged
        var (connected, away) = (0, 0)
        for number in numbers {
            if taken.contains(number) {
                connected += 1
            } else if let inputMischief, !inputMischief.acknowledgedByClient.contains(number) {
                let kill = kills.first { $0.published + 1 >= number }
                if kill?.isAway == true { away += 1 } else { connected += 1 }
            }
        }
        return (connected, away)
    }

    private func noteMemory() {
        let text = try? String(contentsOfFile: "/proc/\(bridge.process.processID)/status", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = line?.split(separator: " ").dropLast().last.flatMap { Int($0.filter(\.isNumber)) } ?? 0
        peakMemory = max(peakMemory, kilobytes << 10)
    }

    /// The run is over: what is left to look at.
    func finish() { noteMemory() }

    /// Publishes, strikes until everything has come out and at least `blows` times, and returns how often it struck.
    func endure(count: Int, blows: Int) throws -> Int {
        if scenario == .outage { return try stopOutput(whilePublishing: count) }
        if scenario.isMischief { return try bear(count: count) }
        self.count = count
        // Spread over the run as far as it can be known.
        let stride = max(1, count / (blows + 1))
        let source: NumberSource
        if scenario.isBacklog {
            guard bridge.stop() == 0 else { throw SupportError("no clean stop: \(log)") }
            source = NumberSource(port: sourcePort, scenario: scenario, count: count)
            guard source.wait(seconds: 600) else { throw SupportError("the backlog was not published") }
            try start()
        } else {
            source = NumberSource(port: sourcePort, scenario: scenario, count: count, permitted: 2 * stride)
        }
        var struck = 0
        while struck < blows {
            let target = min(count, struck * stride + Int.random(in: 0...stride))
            _ = sink.wait(seconds: 3) { $0.seen.count >= target }
            usleep(UInt32.random(in: 0...50_000))
            try strike(source)
            struck += 1
            source.permitted.withLock { $0 = max($0, (struck + 2) * stride) }
        }
        source.permitted.withLock { $0 = count }
        _ = source.wait(seconds: 600)
        return struck
    }

    /// True when everything has come out; false when nothing new has for `quiet` seconds. The input is slower than a drain, and
    /// both slower on a machine that is busy.
    func awaitAll(_ count: Int, quiet: Double) -> Bool {
        var seen = -1
        while sink.tally.value.seen.count > seen {
            seen = sink.tally.value.seen.count
            if sink.wait(seconds: quiet, until: { $0.seen.count >= count }) { return true }
        }
        return false
    }

    /// Where numbers were when an input broker was killed.
    func story(of numbers: [Int]) -> String {
        let kills = kills.map { "\($0.published) published and \($0.seen) seen" }
        return "\(numbers); kills at \(kills.joined(separator: ", "))"
    }

    /// The brokers do what they do while everything is published.
    private func bear(count: Int) throws -> Int {
        let source = NumberSource(port: sourcePort, scenario: scenario, count: count)
        guard source.wait(seconds: 1200) else { throw SupportError("not everything could be published") }
        return (inputMischief?.strikes ?? 0) + (outputMischief?.strikes ?? 0)
    }

    private func stopOutput(whilePublishing count: Int) throws -> Int {
        let warmUp = 200
        _ = NumberSource(port: sourcePort, scenario: scenario, count: warmUp).wait(seconds: 60)
        guard sink.wait(seconds: 60, until: { $0.seen.count >= warmUp }) else {
            throw SupportError("nothing came: \(log)")
        }
        let before = residentMemory
        output.freeze()
        _ = NumberSource(port: sourcePort, scenario: scenario, count: count).wait(seconds: 600)
        // What must not happen cannot be waited for: this is the time in which the memory would grow.
        sleep(3)
        memoryGrowth = residentMemory - before
        output.resume()
        return 1
    }

    private var residentMemory: Int {
        let text = try? String(contentsOfFile: "/proc/\(bridge.process.processID)/statm", encoding: .utf8)
        let pages = text?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Up means connected: the SUBACK comes behind all that the broker sends again, which is much under a backlog.
    private func start(waits: Bool = true) throws {
        bridge = try RunningBridge(
            configuration, environment: Self.environment(scenario, disk?.path ?? directory?.path),
            log: Self.log(scenario), waitsForSubscription: false)
        guard waits, Self.log(scenario) == nil else { return }
        guard bridge.wait(seconds: 60, forLog: "input connected") else { throw SupportError("no connection: \(log)") }
    }

    private func killBridge() throws {
        noteMemory()
        bridge.process.kill(SIGKILL)
        guard bridge.process.wait() == 137 else { throw SupportError("it ended by itself: \(log)") }
        // Sometimes the next blow comes before it is up.
        try start(waits: Bool.random())
    }

    private func strike(_ source: NumberSource) throws {
        switch scenario {
        case .outputStalled:
            output.freeze()
            usleep(UInt32.random(in: 100_000...700_000))
            bridge.process.kill(SIGKILL)
            guard bridge.process.wait() == 137 else { throw SupportError("it ended by itself: \(log)") }
            output.resume()
            try start()
        case .outputKilled:
            output.kill()
            usleep(UInt32.random(in: 0...200_000))
            try output.start()
            try awaitProgress()
        case .inputTerminated:
            try input.restart()
            try awaitProgress()
        case .inputKilled:
            // What is queued and not saved yet is the broker's to lose. The bridge keeps up when something that was published
            // since the last kill has come out: it waited behind all that the broker sent again.
            let last = min(count - 5, kills.last?.published ?? 0)
            let keepsUp = sink.wait(seconds: 120) {
                $0.largest > last + 5 && $0.largest + 5 >= source.published.value
            }
            guard keepsUp else { throw SupportError("it does not keep up: \(log)") }
            // A broker that dies within a second is tried slower and slower, and what waits for the bridge grows.
            usleep(1_100_000)
            input.kill()
            kills.append((source.published.value, sink.tally.value.largest, isAway))
            try input.start()
            try awaitProgress()
        case .mixed: try killAny(source)
        case .networkStalled:
            inputProxy?.stall()
            outputProxy?.stall()
            usleep(UInt32.random(in: 100_000...1_500_000))
            if Bool.random() { inputProxy?.reset() }
            if Bool.random() { outputProxy?.reset() }
            inputProxy?.resume()
            outputProxy?.resume()
            try awaitProgress()
        case .networkHalfClosed:
            if Bool.random() { inputProxy?.halfClose() } else { outputProxy?.halfClose() }
            try awaitProgress()
        case .networkReset:
            if Bool.random() { inputProxy?.reset() } else { outputProxy?.reset() }
            try awaitProgress()
        default: try killBridge()
        }
    }

    /// One of the three, the bridge shortly before the input broker at times: the worst moment.
    private func killAny(_ source: NumberSource) throws {
        switch Int.random(in: 0..<4) {
        case 0:
            output.kill()
            usleep(UInt32.random(in: 0...200_000))
            try output.start()
            try awaitProgress()
        case 1:
            input.kill()
            kills.append((source.published.value, sink.tally.value.largest, isAway))
            try input.start()
            try awaitProgress()
        case 2:
            bridge.process.kill(SIGKILL)
            _ = bridge.process.wait()
            isAway = true
            usleep(100_000)
            input.kill()
            kills.append((source.published.value, sink.tally.value.largest, isAway))
            try input.start()
            try start()
            isAway = false
        default: try killBridge()
        }
    }

    /// The bridge is back when something new comes out, or everything has.
    private func awaitProgress() throws {
        let before = sink.tally.value.readings
        _ = sink.wait(seconds: 20) { [count] in $0.readings > before || $0.seen.count >= count }
    }
}
