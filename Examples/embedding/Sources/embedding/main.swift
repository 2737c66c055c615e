// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

struct Unavailable: Error { let what: String }

guard let adapter = AdapterRegistry.make("gplug") else { throw Unavailable(what: "the adapter gplug") }
guard let zone = Zone("Europe/Zurich") else { throw Unavailable(what: "the zone of the readers' clocks") }
let settings = Pipeline.Settings(
    bridge: "example", profile: try Profile(),
    sources: [Source(name: "gplug", adapter: adapter, zone: zone)])

var pipeline = Pipeline(settings)
pipeline.keepsReadings = true

let arrival = Timestamp(seconds: 1_795_217_230)
let message = RawMessage(
    topic: "tele/gPlug1/SENSOR",
    payload: Array(#"{"Time":"2026-11-21T00:27:09","z":{"SMid":"5550001","Pi":0.412,"Po":0,"Ei":1234.5}}"#.utf8),
    received: arrival)
let publications = pipeline.handle(message) + pipeline.flush(at: arrival)

for reading in pipeline.takeReadings() {
    print("meter \(reading.meter) at \(reading.time)")
    for register in reading.registers {
        print("  \(register.obis) = \(register.value)", register.unit?.symbol ?? "")
    }
    for fix in reading.fixes { print("  repaired: \(fix.rule.rawValue)") }
}

for publication in publications {
    print(publication.topic, String(decoding: publication.payload, as: UTF8.self))
}

var restarted = Pipeline(settings)
restarted.keepsReadings = true
for kept in publications where kept.isRetained {
    restarted.restore(
        RawMessage(topic: kept.topic, payload: kept.payload, isRetained: true, received: arrival))
}

// The reader lost the counter: without the restored state, 0 would be accepted like any other value.
let later = arrival + .seconds(10)
_ = restarted.handle(
    RawMessage(
        topic: "tele/gPlug1/SENSOR",
        payload: Array(#"{"Time":"2026-11-21T00:27:19","z":{"SMid":"5550001","Pi":0.398,"Po":0,"Ei":0}}"#.utf8),
        received: later))
_ = restarted.flush(at: later)
for reading in restarted.takeReadings() {
    for fix in reading.fixes { print("after the restart, \(fix.fields): \(fix.rule.rawValue)") }
}
