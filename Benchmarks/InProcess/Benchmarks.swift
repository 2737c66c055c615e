// SPDX-License-Identifier: Apache-2.0
import Adapters
import Benchmark
import Harmonizer
import Loads

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.cpuTotal, .throughput], warmupIterations: 1, scalingFactor: .kilo, maxDuration: .seconds(2))

    Benchmark("P1 telegram of 890 bytes, CRC checked, every line kept") { benchmark in
        var decoder = Parts.decoder("p1")
        let message = RawMessage(topic: "dsmr/raw", payload: Loads.telegram, received: Loads.now)
        let context = DecodingContext()
        for _ in benchmark.scaledIterations { blackHole(decoder.decode(message, context: context)) }
    }

    for (what, payload) in [("SML file of 460 bytes", Loads.sml), ("HDLC push of 250 bytes", Loads.hdlc)] {
        Benchmark("\(what) to observations, checksums checked") { benchmark in
            var decoder = Parts.decoder("frames")
            let message = RawMessage(topic: "meter/raw", payload: payload, received: Loads.now)
            let context = DecodingContext()
            for _ in benchmark.scaledIterations { blackHole(decoder.decode(message, context: context)) }
        }
    }

    Benchmark("gPlug message to telegram") { benchmark in
        var decoder = Parts.decoder("gplug", labels: "gplug-d")
        let message = RawMessage(topic: "tele/gPlugD_1/SENSOR", payload: Loads.gPlug(), received: Loads.now)
        let context = DecodingContext()
        for _ in benchmark.scaledIterations { blackHole(decoder.decode(message, context: context)) }
    }

    for onlyReadings in [true, false] {
        Benchmark("gPlug message to harmonised JSON, \(onlyReadings ? "readings only" : "default profile")") { benchmark in
            var pipeline = Parts.pipeline(onlyReadings: onlyReadings)
            let payloads = (0..<64).map { Loads.gPlug(watts: 400 + $0) }
            var message = RawMessage(topic: "tele/gPlugD_1/SENSOR", payload: [], received: Loads.now)
            for index in benchmark.scaledIterations {
                message.payload = payloads[index & 63]
                blackHole(pipeline.handle(message))
            }
        }
    }

    Benchmark("P1 telegram to harmonised JSON, readings only") { benchmark in
        var pipeline = Parts.pipeline(onlyReadings: true, adapter: "p1", labels: nil)
        let message = RawMessage(topic: "dsmr/raw", payload: Loads.telegram, received: Loads.now)
        for _ in benchmark.scaledIterations { blackHole(pipeline.handle(message)) }
    }

    Benchmark(
        "one message of each of 100,000 meters",
        configuration: .init(
            metrics: [.cpuTotal, .peakMemoryResident], warmupIterations: 0, scalingFactor: .one, maxDuration: .seconds(30),
            maxIterations: 3)
    ) { benchmark in
        for _ in benchmark.scaledIterations {
            var pipeline = Parts.pipeline(onlyReadings: true)
            for meter in 0..<100_000 {
                let topic = "tele/gPlugD_\(meter)/SENSOR"
                blackHole(
                    pipeline.handle(RawMessage(topic: topic, payload: Loads.gPlug(meter: meter), received: Loads.now)))
            }
        }
    }
}
