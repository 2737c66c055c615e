// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Reads the messages of one reader by a mapping of its fields.
struct MappedDecoder: TelegramDecoder {
    private let mapping: FieldMapping
    /// Ids of the M-Bus devices from earlier messages, by channel.
    private var submeterIDs: [Int: String] = [:]
    private var submeterTypes: [Int: Int64] = [:]
    private var channels: Set<OBISCode> = []
    /// Times that arrived on a topic of their own, for the next value.
    private var times: [OBISCode: RawTime] = [:]
    private var links = FieldLinks()
    /// The sums by the device in the payload; empty for the message itself.
    private var sums: [String: SumMemory] = [:]
    /// Maximum number of devices with remembered sums; a sender may invent any number.
    private static let deviceLimit = 256
    private var review: FieldReview

    init(_ mapping: FieldMapping) {
        self.mapping = mapping
        review = FieldReview(mapping)
    }

    mutating func decode(_ message: RawMessage, context: DecodingContext) -> Verdict {
        if let isOnline = availability(message) { return .availability(isOnline: isOnline) }
        let other = Verdict.ignored(kind: "\(mapping.name)-other")
        let topic = mapping.place(of: message.topic)
        if topic == nil, mapping.isClosed { return other }
        if topic?.isKnown != true, ReaderLog.isLog(message.topic) || ReaderLog.isPresence(message.payload) {
            return other
        }
        let document: JSONDocument?
        let repairs: [Fix]
        do throws(Rejection) {
            (document, repairs) = try parse(message.payload, topic)
        } catch {
            return error.reason == .topic ? other : .rejected(error)
        }
        let root = document?.root
        if let root, !mapping.conditions.allSatisfy({ $0.holds(in: root) }) { return other }
        let remarks = review.hear(
            name: topic?.name, isKnown: topic?.isKnown ?? false, payload: message.payload, root: root)
        var telegrams: [Telegram] = []
        var all = remarks
        var known = 0
        var hasLinked = false
        let parts = parts(of: root, at: topic, message.topic)
        for part in parts {
            var reading = MappedReading(mapping, channels: channels, keepsRaw: context.keepsRaw)
            reading.links = links
            read(part, root: root, payload: message.payload, topic: topic, into: &reading, repairs: repairs)
            known += reading.known
            hasLinked = hasLinked || reading.hasLinked
            guard reading.known > 0 else { continue }
            finish(&reading, part, at: message.received)
            all += reading.remarks
            for name in reading.uncoded { all += review.remark(uncoded: name) }
            let telegram = reading.telegram
            let isEmpty = telegram.observations.isEmpty && telegram.time == nil && telegram.model == nil
            if isEmpty, telegram.id == nil || telegram.id?.text == part.id { continue }
            // The time of a message belongs to its devices.
            if parts.count > 1, part.device == nil, telegram.observations.isEmpty { continue }
            telegrams.append(telegram)
        }
        if !telegrams.isEmpty { return .telegrams(telegrams, remarks: all) }
        if known > 0 {
            let kind = hasLinked ? "\(mapping.name)-names" : "\(mapping.name)-no-register"
            return .ignored(kind: kind, remarks: all)
        }
        guard mapping.index.hasNames || mapping.index.hasScopes || mapping.codes != nil || topic != nil else {
            let fields = mapping.index.pointed.prefix(3).map(\.key.text).joined(separator: ", ")
            return .rejected(Rejection(.shape, "none of the fields of \(mapping.name) is there (\(fields) …)"))
        }
        return .ignored(kind: "\(mapping.name)-other", remarks: all)
    }

    // MARK: - Reading

    /// A device of a message: the message itself, or a member of it.
    private struct Part {
        var body: JSONValue?
        var id: String?
        var device: String?
        /// True when the named fields are in a member from the mapping's `root`.
        var isInner = false
    }

    private func parts(of root: JSONValue?, at topic: TopicTemplate.Match?, _ name: String) -> [Part] {
        let inner = root.flatMap { root in mapping.roots.lazy.compactMap { $0.value(in: root) }.first }
        let whole = Part(body: inner ?? root, id: topic?.id, isInner: inner != nil)
        guard let root, !mapping.deviceRoots.isEmpty else { return [whole] }
        var parts = [whole]
        for rule in mapping.deviceRoots {
            guard let object = rule.object.value(in: root), object.kind == .object else { continue }
            for member in object.members where member.value.kind == .object {
                let key = member.key.string
                guard let word = rule.member.word(of: key[...]) else { continue }
                let own = rule.member.role == .id ? String(word) : nil
                let id = [topic?.id, own].compactMap(\.self).joined(separator: "-")
                parts.append(
                    Part(
                        body: member.value, id: id.isEmpty ? nil : id, device: "\(topic?.device ?? name)/\(word)",
                        isInner: true))
            }
        }
        return parts
    }

    /// The rejection `.topic` means that the message is not the meter's.
    private func parse(
        _ payload: [UInt8], _ topic: TopicTemplate.Match?
    ) throws(Rejection) -> (document: JSONDocument?, repairs: [Fix]) {
        guard JSONShape.isStructured(payload) || !(mapping.index.hasNames || mapping.codes != nil) else {
            if topic?.isKnown != true, topic?.name == nil { throw Rejection(.topic, "") }
            return (nil, [])
        }
        var bytes = payload
        var repairs: [Fix] = []
        if mapping.notation == .positions { (bytes, repairs) = try JSONShape.positions(payload) }
        do throws(Rejection) {
            let document = try JSONDocument.parse(bytes)
            return (document, document.repairs + repairs)
        } catch {
            // A topic without fields may publish payloads that are not JSON.
            let isOther = topic?.isKnown == false && topic?.name != nil
            let hasPlace = topic != nil || !mapping.index.pointed.isEmpty
            if mapping.index.pointed.isEmpty && isOther || !hasPlace { throw Rejection(.topic, "") }
            throw error
        }
    }

    private func read(
        _ part: Part, root: JSONValue?, payload: [UInt8], topic: TopicTemplate.Match?,
        into reading: inout MappedReading,
        repairs: [Fix]
    ) {
        if let device = part.device {
            reading.set(device: device)
            guard let body = part.body else { return }
            _ = readNames(of: body, into: &reading)
            if reading.known > 0, let root { readPointers(in: root, besidesRegisters: true, into: &reading) }
            return reading.note(repairs, isPart: false)
        }
        let fields = topic?.name.map(mapping.fields(named:)) ?? []
        let name = topic?.name ?? ""
        guard let root, let body = part.body else {
            if let field = fields.first(where: { $0.counts(in: nil) }) {
                reading.add(field, .text(payload), unit: nil, word: field.key.name?.link(of: name) ?? name)
            }
            return reading.note([], isPart: mapping.isGathered)
        }
        var isPart = false
        if let field = fields.first(where: { $0.counts(in: root) }) {
            let (value, unit) = FieldValue.unwrap(body, name: name)
            reading.add(field, value, unit: unit, word: field.key.name?.link(of: name) ?? name)
            isPart = true
            if body.kind == .object { readPointers(in: root, besidesRegisters: true, into: &reading) }
        } else if fields.isEmpty {
            isPart = readNames(of: body, into: &reading) == 1 && !part.isInner
            readPointers(in: root, besidesRegisters: false, into: &reading)
        }
        for field in mapping.index.scoped {
            guard field.key.name?.word(of: name) != nil, field.counts(in: root),
                let value = field.key.pointer?.value(in: root)
            else { continue }
            let (content, unit) = FieldValue.unwrap(value)
            reading.add(field, content, unit: unit, word: field.key.name?.link(of: name) ?? name)
            isPart = true
        }
        let repeated = Self.repeatsKey(body) ? [JSONLeniency.repeatedKey.fix] : []
        // A message about one channel is part of the telegram with all channels.
        reading.note(repairs + repeated, isPart: (isPart || reading.channel != nil) && mapping.isGathered)
    }

    /// - Parameter besidesRegisters: beside the value of a topic only its time and an id are read, no registers.
    private func readPointers(in root: JSONValue, besidesRegisters: Bool, into reading: inout MappedReading) {
        var read: Set<String> = []
        var beside = UnitsBeside(mapping.index, in: root)
        for field in mapping.index.pointed {
            if besidesRegisters, case .register = field.meaning { continue }
            guard !read.contains(field.key.text), field.counts(in: root) else { continue }
            if let devices = DeviceElements(mapping: mapping, root: root).placed(field) {
                read.insert(field.key.text)
                for (element, channel) in devices.elements {
                    guard let value = devices.rest.value(in: element) else { continue }
                    let (content, unit) = FieldValue.unwrap(value)
                    reading.add(field, content, unit: unit, channel: channel)
                }
                continue
            }
            guard let value = field.key.pointer?.value(in: root) else { continue }
            read.insert(field.key.text)
            let (content, unit) = FieldValue.unwrap(value)
            var own = unit
            if own == nil, case .register = field.meaning { own = field.key.pointer.flatMap { beside.unit(of: $0) } }
            reading.add(field, content, unit: own)
        }
    }

    /// Reads the members of an object, or the elements of a list of names and values; returns their number.
    private func readNames(of body: JSONValue, into reading: inout MappedReading) -> Int {
        guard mapping.index.hasNames || mapping.codes != nil else { return 0 }
        var count = 0
        var seen: Set<String> = []
        func read(_ name: String, _ wrapped: JSONValue, _ reading: inout MappedReading) {
            guard let field = mapping.fields(named: name).first(where: { $0.counts(in: body) }) else { return }
            guard seen.insert(name).inserted else { return }
            let (value, unit) = FieldValue.unwrap(wrapped)
            reading.add(field, value, unit: unit, word: field.key.name?.link(of: name) ?? name)
        }
        for element in body.elements {
            count += 1
            guard let name = element.value["name"]?.text else { continue }
            read(name, element.value, &reading)
            seen.remove(name)
        }
        for member in body.members {
            count += 1
            read(member.key.string, member.value, &reading)
        }
        return count
    }

    private static func repeatsKey(_ body: JSONValue) -> Bool {
        var seen: Set<String> = []
        return body.members.contains { !seen.insert($0.key.string).inserted }
    }

    private mutating func finish(_ reading: inout MappedReading, _ part: Part, at now: Timestamp) {
        channels = reading.channels
        links = reading.links
        submeterIDs.merge(reading.submeterIDs) { $1 }
        submeterTypes.merge(reading.submeterTypes) { $1 }
        let device = part.device ?? ""
        if !mapping.sums.isEmpty, sums[device] != nil || sums.count < Self.deviceLimit {
            let found = sums[device, default: SumMemory()].sums(
                of: mapping.sums, in: reading.telegram.observations, at: now)
            for sum in found { reading.add(sum) }
        }
        reading.finish(ids: submeterIDs, types: submeterTypes, times: &times)
        reading.add(id: part.id)
    }

    // MARK: - Availability

    private func availability(_ message: RawMessage) -> Bool? {
        guard mapping.availabilityTopics.contains(where: { message.topic == $0 || message.topic.hasSuffix("/" + $0) })
        else { return nil }
        var word = String(decoding: message.payload.prefix(64), as: UTF8.self)
        if JSONShape.isStructured(message.payload), let root = try? JSONDocument.parse(message.payload).root {
            // zigbee2mqtt: {"state":"online"}.
            word = (root["state"] ?? root["status"] ?? root["value"])?.literal.string ?? ""
        }
        switch word.lowercased() {
        case "online", "true", "1", "2", "connected", "ok", "running": return true
        case "offline", "false", "0", "disconnected", "connection lost", "shutdown": return false
        default: return nil
        }
    }
}
