// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import Loads

/// One part of the bridge in a plain loop, for perf, callgrind and DHAT, which cannot look into the benchmark tool:
///
///     swift build -c release --product Loop
///     perf record -g .build/release/Loop reading 100000
///     strip -o Loop.stripped .build/release/Loop && valgrind --tool=dhat ./Loop.stripped reading 1000
///
/// Prints the CPU time of one turn and the peak resident memory.
@main struct Loop {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let turns = Int(arguments[2]), turns > 0 else {
            return print("usage: Loop p1|gplug|reading|default|p1-reading|meters TURNS")
        }
        let begin: Double
        switch arguments[1] {
        case "p1", "gplug":
            let isP1 = arguments[1] == "p1"
            var decoder = Parts.decoder(isP1 ? "p1" : "gplug", labels: isP1 ? nil : "gplug-d")
            let message = RawMessage(
                topic: isP1 ? "dsmr/raw" : "tele/gPlugD_1/SENSOR", payload: isP1 ? Loads.telegram : Loads.gPlug(),
                received: Loads.now)
            begin = seconds
            for _ in 0..<turns { use(decoder.decode(message, context: DecodingContext())) }
        case "reading", "default":
            var pipeline = Parts.pipeline(onlyReadings: arguments[1] == "reading")
            let payloads = (0..<64).map { Loads.gPlug(watts: 400 + $0) }
            begin = seconds
            for turn in 0..<turns {
                let message = RawMessage(
                    topic: "tele/gPlugD_1/SENSOR", payload: payloads[turn & 63], received: Loads.now)
                use(pipeline.handle(message))
            }
        case "p1-reading":
            var pipeline = Parts.pipeline(onlyReadings: true, adapter: "p1", labels: nil)
            let message = RawMessage(topic: "dsmr/raw", payload: Loads.telegram, received: Loads.now)
            begin = seconds
            for _ in 0..<turns { use(pipeline.handle(message)) }
        case "meters":
            var pipeline = Parts.pipeline(onlyReadings: false)
            begin = seconds
            for meter in 0..<turns {
                let topic = "tele/gPlugD_\(meter)/SENSOR"
                use(pipeline.handle(RawMessage(topic: topic, payload: Loads.gPlug(meter: meter), received: Loads.now)))
            }
        default:
            return print("no part \"\(arguments[1])\"")
        }
        let used = seconds - begin
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        print("\(used / Double(turns) * 1e6) µs, \(usage.ru_maxrss / 1024) MB")
    }

    /// CPU time of the process.
    private static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Keeps the compiler from removing unused results.
    @inline(never) private static func use<Value>(_ value: Value) {}
}
