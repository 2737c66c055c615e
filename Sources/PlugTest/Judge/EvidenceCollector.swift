// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Keeps the first raw message of each kind and the first case of each fix, with the resulting values.
struct EvidenceCollector: Sendable {
    private(set) var evidence: [PlugTestRow.Evidence] = []
    private var kinds: Set<String> = []
    private var rules: Set<Fix.Rule> = []
    /// Messages whose reading has not come yet: the index of the evidence, and the message's registers.
    private var open: [(index: Int, received: Timestamp, registers: Set<OBISCode>)] = []
    /// The messages that may belong to the next reading.
    private var recent: [(message: RawMessage, registers: Set<OBISCode>)] = []

    private static let kindsLimit = 24
    private static let recentLimit = 64
    private static let payloadLimit = 700

    mutating func note(_ message: RawMessage, _ verdict: Verdict) {
        let (kind, registers) = Self.kind(of: verdict)
        if !registers.isEmpty {
            if recent.count == Self.recentLimit { recent.removeFirst() }
            recent.append((message, registers))
        }
        guard let kind, kinds.count < Self.kindsLimit, kinds.insert("\(kind)\n\(registers.sorted())").inserted else {
            return
        }
        evidence.append(Self.item(.message, kind, message))
        if case .rejected(let rejection) = verdict { evidence[evidence.count - 1].harmonised = ["\(rejection.detail)"] }
        if !registers.isEmpty { open.append((evidence.count - 1, message.received, registers)) }
    }

    mutating func note(_ reading: Reading) {
        for fix in reading.fixes where rules.insert(fix.rule).inserted { note(fix, of: reading) }
        for item in open where item.received >= reading.received {
            let lines = reading.registers.filter { item.registers.contains($0.obis) }.map(Self.line)
            guard !lines.isEmpty else { continue }
            evidence[item.index].harmonised = [Self.time(of: reading)] + lines
        }
        open.removeAll { !evidence[$0.index].harmonised.isEmpty }
        recent.removeAll { $0.message.received < reading.origin.received }
    }

    private mutating func note(_ fix: Fix, of reading: Reading) {
        let cause = recent.first { item in
            item.message.received >= reading.origin.received
                && item.registers.contains { fix.fields.contains($0.description) }
        }
        let message =
            cause?.message
            ?? RawMessage(topic: reading.origin.topic, payload: reading.origin.payload, received: reading.received)
        var item = Self.item(.fix, fix.rule.rawValue, message)
        let original = fix.original.map { " \($0)" } ?? ""
        let with = fix.with.map { " -> \($0)" } ?? ""
        item.harmonised =
            ["\(fix.action.rawValue) \(fix.fields.joined(separator: ", "))\(original)\(with)", Self.time(of: reading)]
            + reading.registers.filter { fix.fields.contains($0.obis.description) }.map(Self.line)
        evidence.append(item)
    }

    // MARK: - Words

    /// The kind of the message, nil for a fragment of a telegram; and its registers.
    private static func kind(of verdict: Verdict) -> (String?, Set<OBISCode>) {
        switch verdict {
        case .telegrams(let telegrams, _, _):
            let registers = Set(telegrams.flatMap { $0.observations.map(\.obis.canonical) })
            switch registers.count {
            case 0: return ("no registers", [])
            case 1: return (registers.first?.description, registers)
            case let count: return ("\(count) registers", registers)
            }
        case .fragment: return (nil, [])
        case .ignored(let kind, _): return ("ignored: \(kind)", [])
        case .availability(let isOnline): return ("availability: \(isOnline ? "online" : "offline")", [])
        case .rejected(let rejection): return ("rejected: \(rejection.reason.rawValue)", [])
        }
    }

    private static func item(
        _ kind: PlugTestRow.Evidence.Kind, _ title: String, _ message: RawMessage
    ) -> PlugTestRow.Evidence {
        PlugTestRow.Evidence(
            kind: kind, title: title, received: "\(message.received)", topic: message.topic,
            payload: text(of: message.payload), harmonised: [])
    }

    private static func text(of payload: [UInt8]) -> String {
        guard let text = String(validating: payload, as: UTF8.self) else {
            return "base64: " + Base64.text(Array(payload.prefix(payloadLimit / 2)))
                + (payload.count > payloadLimit / 2 ? " …" : "")
        }
        return text.utf8.count > payloadLimit ? "\(text.prefix(payloadLimit)) …" : text
    }

    private static func time(of reading: Reading) -> String { "time \(reading.time) (\(reading.clock.rawValue))" }

    private static func line(_ register: RegisterValue) -> String {
        let unit = register.unit.map { " \($0)" } ?? ""
        return "\(register.obis) \(register.value.text)\(unit)"
    }
}

extension RegisterValue.Value {
    /// The value as text for people.
    package var text: String {
        switch self {
        case .number(let number): "\(number)"
        case .text(let text): text
        case .list(let entries): "\(entries.count) entries"
        }
    }
}
