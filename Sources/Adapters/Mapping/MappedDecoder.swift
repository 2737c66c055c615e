// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Reads the messages of one reader by a mapping of its fields.
struct MappedDecoder: TelegramDecoder {
    private let mapping: FieldMapping
    /// What earlier messages said about the M-Bus devices, by channel.
    private var submeterIDs: [Int: String] = [:]
    private var submeterTypes: [Int: Int64] = [:]
    private var channels: Set<OBISCode> = []
    /// Times that came on a topic of their own, for the value that follows.
    private var times: [OBISCode: RawTime] = [:]

    init(_ mapping: FieldMapping) { self.mapping = mapping }

    mutating func decode(_ message: RawMessage, context: DecodingContext) -> Verdict {
        if let isOnline = availability(message) { return .availability(isOnline: isOnline) }
        let topic = mapping.field(of: message.topic)
        var reading = MappedReading(mapping, channels: channels, keepsRaw: context.keepsRaw)
        do throws(Rejection) {
            try read(message.payload, of: topic?.field, isOtherTopic: topic?.isKnown == false, into: &reading)
        } catch {
            return error.reason == .topic
                ? .ignored(kind: "\(mapping.name)-other") : .rejected(error)
        }
        guard reading.known > 0 else {
            guard mapping.named.isEmpty else { return .ignored(kind: "\(mapping.name)-other") }
            let fields = mapping.pointed.prefix(3).map(\.key).joined(separator: ", ")
            return .rejected(Rejection(.shape, "none of the fields of \(mapping.name) is there (\(fields) …)"))
        }
        channels = reading.channels
        submeterIDs.merge(reading.submeterIDs) { $1 }
        submeterTypes.merge(reading.submeterTypes) { $1 }
        reading.finish(ids: submeterIDs, types: submeterTypes, times: &times)
        let telegram = reading.telegram
        if telegram.observations.isEmpty, telegram.id == nil, telegram.time == nil, telegram.model == nil {
            return .ignored(kind: "\(mapping.name)-no-register", remarks: reading.remarks)
        }
        return .telegrams([telegram], remarks: reading.remarks)
    }

    /// The rejection `.topic` says that the message is none of the meter's.
    private func read(
        _ payload: [UInt8], of field: FieldMapping.Field?, isOtherTopic: Bool, into reading: inout MappedReading
    ) throws(Rejection) {
        let isJSON = JSONShape.isStructured(payload)
        guard isJSON || mapping.named.isEmpty else {
            guard let field else { throw Rejection(.topic, "") }
            reading.add(field, .text(payload), unit: nil)
            return reading.note([], isPart: mapping.isGathered)
        }
        let bytes: [UInt8]
        var repairs: [Fix] = []
        if mapping.notation == .positions {
            (bytes, repairs) = try JSONShape.positions(payload)
        } else {
            bytes = payload
        }
        let document: JSONDocument
        do throws(Rejection) {
            document = try JSONDocument.parse(bytes)
        } catch {
            // What a topic of no interest publishes need not be JSON.
            if isOtherTopic, mapping.pointed.isEmpty { throw Rejection(.topic, "") }
            throw error
        }
        let root = document.root
        guard mapping.conditions.allSatisfy({ $0.holds(in: root) }) else { throw Rejection(.topic, "") }
        let inner = mapping.roots.lazy.compactMap { $0.value(in: root) }.first
        let body = inner ?? root
        if Self.repeatsKey(body) { repairs.append(JSONLeniency.repeatedKey.fix) }
        var isPart = false
        if let field {
            let (value, unit) = FieldValue.unwrap(body, name: field.key)
            reading.add(field, value, unit: unit)
            isPart = true
        } else {
            isPart = readNames(of: body, into: &reading) == 1 && inner == nil
            for field in mapping.pointed where field.conditions.allSatisfy({ $0.holds(in: root) }) {
                guard let value = field.pointer?.value(in: root) else { continue }
                let (content, unit) = FieldValue.unwrap(value)
                reading.add(field, content, unit: unit)
            }
        }
        // A message about one channel is a part of the telegram that had them all.
        reading.note(document.repairs + repairs, isPart: (isPart || reading.channel != nil) && mapping.isGathered)
    }

    /// Reads the members of an object, or the elements of a list of names and values; returns how many there are.
    private func readNames(of body: JSONValue, into reading: inout MappedReading) -> Int {
        guard !mapping.named.isEmpty else { return 0 }
        var count = 0
        var seen: Set<String> = []
        for element in body.elements {
            count += 1
            guard let name = element.value["name"]?.text, let field = mapping.named[name] else { continue }
            let (value, unit) = FieldValue.unwrap(element.value)
            reading.add(field, value, unit: unit)
        }
        for member in body.members {
            count += 1
            guard let field = mapping.named[member.key.string] else { continue }
            guard seen.insert(field.key).inserted else { continue }
            let (value, unit) = FieldValue.unwrap(member.value)
            reading.add(field, value, unit: unit)
        }
        return count
    }

    private static func repeatsKey(_ body: JSONValue) -> Bool {
        var seen: Set<String> = []
        return body.members.contains { !seen.insert($0.key.string).inserted }
    }

    private func availability(_ message: RawMessage) -> Bool? {
        guard mapping.availabilityTopics.contains(where: { message.topic == $0 || message.topic.hasSuffix("/" + $0) })
        else { return nil }
        switch String(decoding: message.payload.prefix(16), as: UTF8.self).lowercased() {
        case "online", "true", "1", "2", "connected": return true
        case "offline", "false", "0", "disconnected": return false
        default: return nil
        }
    }
}
