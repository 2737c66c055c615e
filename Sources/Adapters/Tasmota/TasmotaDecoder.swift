// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Reads the messages of one Tasmota device and remembers the meaning of its labels.
struct TasmotaDecoder: TelegramDecoder {
    /// The groups named in the configuration.
    private let namedGroups: [String]
    /// The dictionary of the configuration, or the guessed one.
    private var labels: LabelDictionary?
    private let isGuessing: Bool
    /// The dictionaries that may be guessed for a device, or proposed when another one knows more labels.
    private let candidates: [LabelDictionary]
    /// The candidates that fitted the last ambiguous periodic message; nil before.
    private var narrowed: [LabelDictionary]?
    /// The groups in which a message with several labels showed the meter.
    private var meterGroups: [String] = []
    private var memories: [(group: String?, memory: LabelMemory)] = []
    private var told: Set<Remark> = []

    private let pool: LabelPool

    init(labels: LabelDictionary?, groups: [String], candidates: [LabelDictionary], pool: LabelPool) {
        self.pool = pool
        self.labels = labels
        self.candidates = candidates
        isGuessing = labels == nil
        namedGroups = groups
    }

    mutating func decode(_ message: RawMessage, context: DecodingContext) -> Verdict {
        let content = TasmotaTopic.content(of: message.topic)
        switch content {
        case .other(let kind): return .ignored(kind: kind)
        case .lastWill: return Self.lastWill(message.payload)
        case .sensors, .unknown: break
        }
        let document: JSONDocument
        do throws(Rejection) {
            document = try JSONDocument.parse(message.payload, limits: context.limits)
        } catch {
            // A `#` filter also receives messages that are not JSON and not from Tasmota.
            return content == .sensors || message.payload.first == UInt8(ascii: "{")
                ? .rejected(error) : .ignored(kind: "tasmota-other")
        }
        guard document.root.kind == .object else {
            return content == .sensors
                ? .rejected(Rejection(.shape, at: 0, "expected a JSON object")) : .ignored(kind: "tasmota-other")
        }
        let status = document.root["StatusSNS"]
        return read(status?.kind == .object ? status ?? document.root : document.root, document, message.topic, context)
    }

    private static func lastWill(_ payload: [UInt8]) -> Verdict {
        switch String(decoding: payload, as: UTF8.self).lowercased() {
        case "online": .availability(isOnline: true)
        case "offline": .availability(isOnline: false)
        default: .ignored(kind: "tasmota-other")
        }
    }

    // MARK: - Meter groups

    /// Checked for every message without copying a dictionary.
    private var hasLabels: Bool { if case .none = labels { false } else { true } }

    private mutating func read(
        _ body: JSONValue, _ document: JSONDocument, _ topic: String, _ context: DecodingContext
    ) -> Verdict {
        var remarks: [Remark] = []
        let groups = meterGroups(in: body)
        let time = TasmotaTime.read(body)
        var telegrams: [Telegram] = []
        var disputed: [String] = []
        var hasClock = false
        let areMeters = max(groups.count, meterGroups.count, namedGroups.count) > 1
        for group in groups {
            if !hasLabels { remarks += guess(group) }
            var reading = TasmotaReading(keepsRaw: context.keepsRaw)
            if collect(group, into: &reading), hasLabels {
                let guessed = isGuessing ? guess(group) : compared(group)
                if isGuessing, !guessed.isEmpty {
                    reading = TasmotaReading(keepsRaw: context.keepsRaw)
                    _ = collect(group, into: &reading)
                }
                remarks += guessed
            }
            remarks += reading.remarks
            disputed += reading.disputed
            hasClock = hasClock || reading.hasClock
            guard !reading.observations.isEmpty else { continue }
            telegrams.append(
                Telegram(
                    device: areMeters ? "\(TasmotaTopic.device(topic))/\(group.name ?? "")" : nil, id: reading.id,
                    time: reading.clock ?? time, clock: reading.clock == nil ? .source : .meter,
                    observations: reading.observations, submeters: submeters(reading.observations),
                    repairs: document.repairs))
        }
        if !disputed.isEmpty, let remark = dispute(disputed) { remarks.append(remark) }
        remarks = remarks.filter { told.count < LabelMemory.limit && told.insert($0).inserted }
        if !telegrams.isEmpty { return .telegrams(telegrams, remarks: remarks) }
        let kind =
            !disputed.isEmpty
            ? "tasmota-undecided" : hasClock ? "tasmota-clock" : groups.isEmpty ? Self.kind(of: body) : "tasmota-empty"
        return .ignored(kind: kind, remarks: remarks)
    }

    /// The kind of a message without a meter.
    private static func kind(of body: JSONValue) -> String {
        let groups = TasmotaGroup.all(in: body)
        if groups.contains(where: { $0.value["CMD"] != nil }) { return "tasmota-command" }
        if groups.contains(where: { $0.name == "ENERGY" }) { return "tasmota-energy" }
        if body["SerialReceived"] != nil { return "tasmota-serial" }
        // A gPlug sends this during the first seconds after its start.
        if body.members.allSatisfy({ $0.key == "Time" || $0.key == "Epoch" }) { return "tasmota-time" }
        return "tasmota-sensor"
    }

    /// The groups of a message that contain the meter: those in the configuration, otherwise those in which it was
    /// found before, otherwise those with known labels.
    private mutating func meterGroups(in body: JSONValue) -> [TasmotaGroup] {
        let names = namedGroups.isEmpty ? meterGroups : namedGroups
        if !names.isEmpty { return TasmotaGroup.all(in: body) { names.contains($0) } }
        var found = TasmotaGroup.all(in: body).filter {
            !TasmotaGroup.takenOnlyWhenNamed.contains($0.name ?? "") && isMeter($0)
        }
        if let usual = labels?.group, found.contains(where: { $0.name == usual }) {
            found = found.filter { $0.name == usual }
        }
        if found.isEmpty {
            let flat = TasmotaGroup(name: nil, value: body)
            return hasRegister(flat) ? [flat] : []
        }
        if found.contains(where: { labelCount($0) > 1 }) { meterGroups = found.compactMap(\.name) }
        return found
    }

    /// True when a third of the labels is known: other sensors share one or two labels with some script (an inverter
    /// its U1), and a meter's script has some labels of its author's own.
    private func isMeter(_ group: TasmotaGroup) -> Bool {
        var known = 0
        var count = 0
        group.forEachLabel { key, _ in
            let meaning = meaning(of: key.string, in: group.name)
            if meaning != .unknown, meaning != .ignored { known += 1 }
            count += 1
        }
        // A dictionary named by the user belongs to the meter, however few of the labels it knows.
        return (known * 3 >= count || !isGuessing && known > 0) && hasRegister(group)
    }

    private func hasRegister(_ group: TasmotaGroup) -> Bool {
        var hasRegister = false
        group.forEachLabel { key, value in
            guard value.kind != .array, value.kind != .boolean else { return }
            switch meaning(of: key.string, in: group.name) {
            case .register, .clock, .disputed: hasRegister = true
            case .id, .ignored, .unknown: break
            }
        }
        return hasRegister
    }

    private func labelCount(_ group: TasmotaGroup) -> Int {
        var count = 0
        group.forEachLabel { _, _ in count += 1 }
        return count
    }

    // MARK: - Labels

    /// Adds every label of a group. At the top level unknown labels are other data (`Switch1`).
    ///
    /// - Returns: true when an unknown label occurred for the first time.
    private mutating func collect(_ group: TasmotaGroup, into reading: inout TasmotaReading) -> Bool {
        let index = memoryIndex(group.name)
        var memory = memories[index].memory
        memories[index].memory = LabelMemory()
        let known = memory.entries.count
        var hasNews = false
        group.forEachLabel { short, number in
            // Most labels are numbers of known registers in known units.
            guard case .register(let code, .fixed(let unit?))? = memory.meaning(ofShort: short) else { return false }
            return reading.add(code, number, unit)
        } other: { key, value in
            let meaning = memory.meaning(of: key) { label in
                let meaning = self.meaning(of: label, in: group.name)
                if meaning == .unknown { hasNews = true }
                return meaning
            }
            if case .unknown = meaning, group.name == nil || key.isEmpty { return }
            reading.add(meaning, key, value)
        }
        if memory.entries.count > known { pool.share(&memory) }
        memories[index].memory = memory
        return hasNews
    }

    private mutating func memoryIndex(_ group: String?) -> Int {
        if let index = memories.firstIndex(where: { $0.group == group }) { return index }
        if memories.count == 8 { memories.removeFirst() }
        memories.append((group, LabelMemory()))
        return memories.count - 1
    }

    private func meaning(of label: String, in group: String?) -> LabelMeaning {
        if let labels {
            return labels.label(label, in: group).map { LabelMeaning($0) } ?? LabelMeaning(obisLabel: label) ?? .unknown
        }
        if let meaning = LabelMeaning(obisLabel: label) { return meaning }
        return LabelMeaning(agreedBy: possible(for: label, in: group).compactMap { $0.label(label, in: group) })
    }

    private func possible(for label: String, in group: String?) -> [LabelDictionary] {
        (narrowed ?? candidates).filter {
            $0.label(label, in: group) != nil && ($0.guess.group == nil || $0.guess.group == group)
        }
    }

    // MARK: - Guessing

    /// Guesses the dictionary from a message with several labels, and tries again when a new label appears that the
    /// guessed one does not know: readers send labels only once they have values, and an E450 needs a minute for all of
    /// its labels. Published registers keep their meaning.
    private mutating func guess(_ group: TasmotaGroup) -> [Remark] {
        guard isGuessing else { return [] }
        let samples = group.samples
        guard samples.count > 1 else { return [] }
        switch LabelGuess(samples, group: group.name).best(of: candidates) {
        case .unique(let dictionary, let known):
            guard labels != dictionary, labels == nil || extends(dictionary) else { return [] }
            labels = dictionary
            memories = []
            return [.guessedLabels(dictionary.name, known: known, of: samples.count)]
        case .ambiguous(let fitting):
            guard labels == nil else { return [] }
            if narrowed != fitting {
                narrowed = fitting.isEmpty ? nil : fitting
                memories = []
            }
            return dispute(samples.map(\.label)).map { [$0] } ?? []
        }
    }

    /// Reports a better dictionary when the one named by the user does not know a label and another knows more labels.
    private func compared(_ group: TasmotaGroup) -> [Remark] {
        let samples = group.samples
        guard let labels, samples.count > 1 else { return [] }
        let own = samples.count { labels.label($0.label, in: group.name) != nil }
        guard case .unique(let better, let known) = LabelGuess(samples, group: group.name).best(of: candidates),
            known > own, better.name != labels.name
        else { return [] }
        return [.betterLabels(better.name, known: known, of: samples.count, insteadOf: labels.name, knowing: own)]
    }

    /// True when a dictionary gives every label so far the meaning that it already has.
    private func extends(_ dictionary: LabelDictionary) -> Bool {
        memories.allSatisfy { group in
            group.memory.entries.allSatisfy { entry in
                let meaning =
                    dictionary.label(entry.label, in: group.group).map { LabelMeaning($0) }
                    ?? LabelMeaning(obisLabel: entry.label)
                switch (entry.meaning, meaning) {
                case (.unknown, _), (.id, .id): return true
                default: return entry.meaning == meaning
                }
            }
        }
    }

    /// A remark per device, not one for each combination of labels.
    private func dispute(_ keys: [String]) -> Remark? {
        let isTold = told.contains {
            if case .ambiguousLabels = $0 { return true }
            return false
        }
        guard !isTold else { return nil }
        let names = (narrowed ?? candidates).filter { dictionary in keys.contains { dictionary.labels[$0] != nil } }
        return .ambiguousLabels(candidates: names.map(\.name), keys: keys)
    }

    private func submeters(_ observations: [Observation]) -> [Submeter] {
        guard let known = labels?.submeters, !known.isEmpty else { return [] }
        return known.sorted { $0.key < $1.key }.compactMap { channel, medium in
            observations.contains { $0.obis.a == 0 && Int($0.obis.b) == channel && channel > 0 }
                ? Submeter(channel: channel, medium: medium, id: nil) : nil
        }
    }
}
