// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Reads a message with one register, `smartmeter/<id>/<TYPE>`, or a bundle. Every message is read on its own; the
/// registers of one telegram share its time.
struct DatacollectorDecoder: TelegramDecoder {
    mutating func decode(_ message: RawMessage, context: DecodingContext) -> Verdict {
        // MQTT deletes a retained message with an empty payload; smartmeter-datacollector itself retains none.
        guard !message.payload.isEmpty else { return .ignored(kind: "datacollector-empty") }
        let topic = DatacollectorTopic(message.topic)
        let id = topic.id.map { RawID(String($0)) }
        do throws(Rejection) {
            switch topic.kind {
            case .bundle:
                return try DatacollectorBundle(JSONDocument.parse(message.payload, limits: context.limits)).verdict(
                    id: id, context: context)
            case .register(let name):
                guard let type = DatacollectorType.named(name) else {
                    return try unknownType(name, id: id, payload: message.payload, context: context)
                }
                let document = try JSONDocument.parse(message.payload, limits: context.limits)
                return try register(of: type, id: id, document: document, context: context)
            }
        } catch {
            return .rejected(error)
        }
    }

    private func register(
        of type: DatacollectorType, id: RawID?, document: JSONDocument, context: DecodingContext
    ) throws(Rejection) -> Verdict {
        let root = document.root
        switch root.kind {
        case .object: break
        case .number, .null:
            // A fork publishes only the number (malesch/smartmeter-datacollector f0e89c0, option `send_value_only`).
            let number = try number(root)
            return telegram(type.obis, type.unit, number, raw(type.name[...], root, context), id, nil, document)
        case .array, .string, .boolean:
            throw Rejection(.shape, at: root.position, "expected an object or a number")
        }
        guard let value = root["value"] else { throw Rejection(.value, at: root.position, "no member \"value\"") }
        // A Siemens TD3511 sends the reactive energies of tariff 1 (3.8.1), which get the type of the total: the code
        // is right.
        let obis = code(root["obis"]) ?? type.obis
        return telegram(
            obis, DatacollectorType.unit(of: obis) ?? type.unit, try number(value),
            raw(type.name[...], value, context), id, root["timestamp"], document)
    }

    /// Handles a last level that no version publishes: a register when the payload contains its code, otherwise not a
    /// message of the program.
    private func unknownType(
        _ name: Substring, id: RawID?, payload: [UInt8], context: DecodingContext
    ) throws(Rejection) -> Verdict {
        guard let document = try? JSONDocument.parse(payload) else { return .ignored(kind: "datacollector-other") }
        let value = document.root["value"]
        if let value, let obis = code(document.root["obis"]) {
            return telegram(
                obis, DatacollectorType.unit(of: obis), try number(value), raw(name, value, context), id,
                document.root["timestamp"], document)
        }
        guard DatacollectorTopic.isTypeName(name), value != nil || document.root.kind == .number else {
            return .ignored(kind: "datacollector-other")
        }
        return .ignored(kind: "datacollector-unknown-type", remarks: [.unknownLabel(String(name))])
    }

    private func telegram(
        _ obis: OBISCode, _ unit: Unit?, _ number: ExactDecimal, _ raw: String?, _ id: RawID?, _ time: JSONValue?,
        _ document: JSONDocument
    ) -> Verdict {
        .telegrams([
            Telegram(
                id: id, time: time.flatMap(RawTime.init(datacollector:)), clock: .meter, isPart: true,
                observations: [Observation(obis, .number(number), unit: unit, raw: raw)], repairs: document.repairs)
        ])
    }

    private func number(_ value: JSONValue) throws(Rejection) -> ExactDecimal {
        guard let number = value.decimal else { throw Rejection(.value, at: value.position, value.whyNoNumber) }
        return number
    }

    private func code(_ value: JSONValue?) -> OBISCode? {
        guard let value, value.kind == .string else { return nil }
        return value.literal.withBytes { OBISCode(bytes: $0) }
    }

    private func raw(_ label: Substring, _ value: JSONValue, _ context: DecodingContext) -> String? {
        context.keepsRaw ? "\(label)=\(value.literal.string)" : nil
    }
}

extension JSONValue {
    /// The reason in a rejection, when the value is not a number.
    var whyNoNumber: String {
        switch kind {
        case .null: "null instead of a number"
        case .string: "text instead of a number"
        case .number: "a number with more digits than a register has"
        case .object, .array, .boolean: "no number"
        }
    }
}
