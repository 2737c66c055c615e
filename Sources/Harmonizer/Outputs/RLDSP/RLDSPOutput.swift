// SPDX-License-Identifier: Apache-2.0

/// `rl-dsp`: one JSON bundle per telegram, as smartmeter-datacollector 2.0.0 publishes with its `mqttrldsp` sink after
/// the VSE's RL-DSP CH 2024: `dt/<group>/<id>/ds` `{"meter":{"ts":"2026-05-04T09:39:21+00:00","1.8.0":482939.0,…}}`.
///
/// Short codes, W and Wh, times with `+00:00`, QoS 0 and not retained, like the collector. Only electricity: a short code does
/// not tell the channel of a gas meter.
struct RLDSPOutput: ConfigurableOutput {
    static let name = "rl-dsp"

    /// The level after `dt/`.
    let group: String
    /// True to name the meter as its telegrams do, false for the id in the harmonised topics.
    let usesSerial: Bool
    /// True when computed registers are published too; the collector computes none.
    let includesDerived: Bool

    init?(_ options: inout YAMLReader, context: OutputContext) {
        group = options.text("group") ?? "bridge"
        usesSerial = (options.choice("id", of: Identification.self) ?? .serial) == .serial
        includesDerived = options.flag("derived") ?? false
        // The collector takes letters and digits, and silently uses `building` for anything else.
        guard !group.isEmpty, group.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "z") ~= $0 }),
            group.allSatisfy({ $0.isLetter || $0.isNumber })
        else {
            options.problems.error(options.mark, "\"group\" of rl-dsp is letters and digits, not \"\(group)\"")
            return nil
        }
    }

    private enum Identification: String, CaseIterable { case serial, meter }

    var filters: [String] { ["dt/\(group)/+/ds"] }

    func publications(of reading: Reading, meter: MeterState) -> [Publication] {
        var writer = JSONWriter(capacity: 512)
        var seen: Set<String> = []
        writer.object { json in
            json.key("meter")
            json.object { json in
                json.member("ts", Self.time(reading.time))
                for register in reading.registers where register.obis.a == 1 {
                    guard case .number(let number) = register.value, includesDerived || !register.isDerived else {
                        continue
                    }
                    let key = "\(register.obis.c).\(register.obis.d).\(register.obis.e)"
                    guard seen.insert(key).inserted else { continue }
                    json.key(named: key)
                    json.number(number.scaled(byPowerOfTen: register.unit?.powerOfTen ?? 0))
                }
            }
        }
        guard !seen.isEmpty else { return [] }
        let topic = "dt/\(group)/\(identification(of: meter))/ds"
        return [Publication(topic: topic, payload: writer.bytes, qos: 0, isRetained: false)]
    }

    /// The serial when it is one topic level, else the id; nothing in a payload adds a level.
    private func identification(of meter: MeterState) -> String {
        guard usesSerial, let serial = meter.serial, !serial.isEmpty, serial.utf8.count <= 64,
            !serial.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f || "/+#$".utf8.contains($0) })
        else { return meter.id }
        return serial
    }

    /// A time with `+00:00`, and six fraction digits when there is a fraction.
    private static func time(_ time: Timestamp) -> String {
        let shown = Timestamp(
            seconds: time.seconds, microseconds: time.microseconds, fractionDigits: time.microseconds == 0 ? 0 : 6)
        var bytes: [UInt8] = []
        RFC3339.append(WallTime(shown), to: &bytes)
        return String(decoding: bytes, as: UTF8.self) + "+00:00"
    }
}
