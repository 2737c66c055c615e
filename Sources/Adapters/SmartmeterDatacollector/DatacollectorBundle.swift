// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The bundle of the sink `mqttrldsp`: `{"meter": {"ts": "2026-05-04T09:39:21+00:00", "1.8.0": 482939.0, …}}`.
///
/// The registers are in the order in which the meter pushed them, under codes without medium and channel, without
/// units.
struct DatacollectorBundle {
    private let document: JSONDocument
    private let meter: JSONValue

    init(_ document: JSONDocument) throws(Rejection) {
        guard let meter = document.root["meter"] else {
            throw Rejection(.shape, at: document.root.position, "no member \"meter\"")
        }
        guard meter.kind == .object else {
            throw Rejection(.shape, at: meter.position, "\"meter\" is no object")
        }
        self.document = document
        self.meter = meter
    }

    func verdict(id: RawID?, context: DecodingContext) throws(Rejection) -> Verdict {
        var telegram = Telegram(id: id, clock: .meter, repairs: document.repairs)
        var remarks: [Remark] = []
        var firstFault: Rejection?
        for (key, value) in meter.members.lazy.map({ ($0.key, $0.value) }) {
            if key == "ts" {
                telegram.time = RawTime(datacollector: value)
                continue
            }
            guard let obis = key.withBytes({ OBISCode(bytes: $0) }) else {
                remarks.append(.unknownLabel(key.string))
                continue
            }
            let raw = context.keepsRaw ? "\(key.string)=\(value.literal.string)" : nil
            if let number = value.decimal {
                let unit = DatacollectorType.unit(of: obis)
                telegram.observations.append(Observation(obis, .number(number), unit: unit, raw: raw))
            } else if obis.a == 0, let text = value.text {
                telegram.observations.append(Observation(obis, .text(text), raw: raw))
            } else {
                firstFault = firstFault ?? Rejection(.value, at: value.position, "\(obis): \(value.whyNoNumber)")
                telegram.repairs.append(
                    Fix(.valueDropped, fields: [obis.description], action: .drop, original: value.text))
            }
        }
        if telegram.observations.isEmpty {
            if let firstFault { throw firstFault }
            // Version 2.0.0 publishes this for a telegram without known registers: the meter is alive, but sends no
            // values.
            return .ignored(kind: "rldsp-empty", remarks: remarks)
        }
        return .telegrams([telegram], remarks: remarks)
    }
}
