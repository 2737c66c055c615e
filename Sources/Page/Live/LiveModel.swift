// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// The page's own memory, in addition to the pipeline's state: the power of the last hour, the energy of two days and
/// the last message of each meter, the last messages of each source, and the rejected messages. Kept only while the
/// page is served; every part is bounded.
package struct LiveModel: Sendable {
    /// The last message of a meter, with its reading.
    package struct LastMessage: Sendable {
        package var topic: String
        /// The first bytes of the payload.
        package var payload: [UInt8]
        /// False when `payload` is cut.
        package var isWhole: Bool
        package var reading: Reading
    }

    /// A rejected message.
    package struct Reject: Sendable, Equatable {
        package var received: String
        package var reason: String
        package var detail: String
        package var source: String
        package var topic: String
        package var payload: String
    }

    fileprivate struct Meter: Sendable {
        var trace = PowerTrace()
        var days: [OBISCode: DayTrace] = [:]
        var last: LastMessage?
        /// True once the meter has sent an export power.
        var exports = false
        /// The value of `sequence` at the last change.
        var changed: UInt64 = 0
    }

    /// Meters beyond this limit have neither a power line nor a last message.
    private static let meterLimit = 2000
    /// Meters beyond this limit have no daily amounts: two days of a counter take some kilobytes.
    private static let dayLimit = 300
    fileprivate static let countersOfMeter = 8
    private static let payloadLimit = 8192
    private static let rejectLimit = 50
    private static let topicLimit = 5000
    /// Payload bytes kept for all sources together.
    private static let messagesLimit = 1 << 20

    private var meters: [String: Meter] = [:]
    private var sources: [String: SourceTrace] = [:]
    private var sourcesByTopic: [String: String] = [:]
    /// Newest first.
    package private(set) var rejects: [Reject] = []
    /// Increases with each change.
    package private(set) var sequence: UInt64 = 1

    /// An empty memory.
    package init() {}

    /// Records a message.
    ///
    /// - Parameters:
    ///   - count: the number of sources.
    ///   - find: returns the source of a topic; nil for a topic that no source reads.
    package mutating func note(_ message: RawMessage, sources count: Int, find: (String) -> String?) {
        sequence += 1
        let name: String
        if let known = sourcesByTopic[message.topic] {
            name = known
        } else {
            name = find(message.topic) ?? ""
            if sourcesByTopic.count < Self.topicLimit { sourcesByTopic[message.topic] = name }
        }
        sources[name, default: SourceTrace()].note(message, limit: Self.messagesLimit / max(1, count))
    }

    /// Records a reading.
    package mutating func note(_ reading: Reading) {
        sequence += 1
        guard meters[reading.meter] != nil || meters.count < Self.meterLimit else { return }
        let payload = reading.origin.payload
        var meter = meters.removeValue(forKey: reading.meter) ?? Meter()
        meter.last = LastMessage(
            topic: reading.origin.topic, payload: Array(payload.prefix(Self.payloadLimit)),
            isWhole: payload.count <= Self.payloadLimit, reading: reading)
        meter.changed = sequence
        if reading.order != .old { meter.note(reading, keepsDays: meters.count < Self.dayLimit) }
        meters[reading.meter] = meter
    }

    /// Counts any other change: a meter fell silent, a connection came back.
    package mutating func noteChange() { sequence += 1 }

    /// Records the payload of a publication on `reject`.
    package mutating func note(reject payload: [UInt8]) {
        guard let root = try? JSONDocument.parse(payload).root else { return }
        func text(_ value: JSONValue?) -> String { value?.text ?? "" }
        let source = root["source"]
        sequence += 1
        rejects.insert(
            Reject(
                received: text(root["received"]), reason: text(root["reason"]), detail: text(root["detail"]),
                source: text(source?["name"]), topic: text(source?["topic"]),
                payload: root["payload"]?.text ?? text(root["payload_base64"])), at: 0)
        if rejects.count > Self.rejectLimit { rejects.removeLast() }
    }

    /// Drops sources that are no longer configured.
    ///
    /// - Parameter names: the configured sources.
    package mutating func follow(sources names: [String]) {
        sequence += 1
        sources = sources.filter { names.contains($0.key) }
        sourcesByTopic = [:]
    }

    /// Forgets a meter and the messages of its readers.
    ///
    /// - Parameter isGone: true for a topic of one of its readers.
    /// - Returns: the number of messages dropped.
    package mutating func forget(_ meter: String, where isGone: (String) -> Bool) -> Int {
        sequence += 1
        var count = meters[meter]?.last == nil ? 0 : 1
        meters[meter] = nil
        for name in sources.keys { count += sources[name]?.forget(where: isGone) ?? 0 }
        sourcesByTopic = sourcesByTopic.filter { !isGone($0.key) }
        let others = rejects.filter { !isGone($0.topic) }
        count += rejects.count - others.count
        rejects = others
        return count
    }

    // MARK: - What it knows

    /// True when a reading of the meter arrived after that value of `sequence`.
    package func hasChanged(_ meter: String, since sequence: UInt64) -> Bool {
        meters[meter].map { $0.changed > sequence } ?? (sequence == 0)
    }

    /// The last message of a meter; nil when it has sent nothing since the start.
    package func last(ofMeter id: String) -> LastMessage? { meters[id]?.last }

    /// True when the meter's last message needed a repair.
    package func isRepaired(_ meter: String) -> Bool { last(ofMeter: meter)?.reading.fixes.isEmpty == false }

    /// The net power in the hour up to `now`.
    package func power(ofMeter id: String, at now: Timestamp) -> [PowerPoint] {
        meters[id]?.trace.points(at: now) ?? []
    }

    /// Today's amount of each counter of a meter.
    package func days(ofMeter id: String, at now: Timestamp, in zone: Zone) -> [OBISCode: DayAmount] {
        meters[id]?.days.compactMapValues { $0.day(at: now, in: zone) } ?? [:]
    }

    /// The recent activity of a source.
    package func activity(ofSource name: String, at now: Timestamp) -> SourceActivity {
        let trace = sources[name]
        return SourceActivity(
            last: trace?.last, rate: trace?.rate(at: now), topics: trace?.topics ?? [],
            hasMoreTopics: trace?.hasMoreTopics ?? false)
    }

    /// The kept messages of all sources, oldest first.
    package var messages: [RawMessage] {
        sources.values.flatMap(\.messages).sorted { $0.received < $1.received }
    }
}

/// The recent activity of a source: when it sent, how often, and on which topics.
package struct SourceActivity: Sendable {
    /// When the newest message came; nil when none came since the start.
    package var last: Timestamp?
    /// Messages a minute; nil while it is too early to tell.
    package var rate: ExactDecimal?
    /// The first topics seen.
    package var topics: [String]
    /// True when more topics than `topics` were seen.
    package var hasMoreTopics: Bool
}

extension LiveModel.Meter {
    fileprivate mutating func note(_ reading: Reading, keepsDays: Bool) {
        notePower(reading)
        guard keepsDays || !days.isEmpty else { return }
        for register in reading.registers where DayMarks.isCounted(register.obis) {
            guard case .number(let number) = register.value else { continue }
            let obis = register.obis
            guard days[obis] != nil || days.count < LiveModel.countersOfMeter else { continue }
            days[obis, default: DayTrace()].note(number, at: register.time ?? reading.time)
        }
    }

    /// Records the net power when one message contains all of it: values of different messages are never combined.
    private mutating func notePower(_ reading: Reading) {
        func watts(_ obis: OBISCode) -> Int64? {
            guard let register = reading.registers.first(where: { $0.obis == obis }), register.unit?.symbol == "W",
                case .number(let number) = register.value
            else { return nil }
            return Int64(rounding: number)
        }
        let (importing, exporting) = (watts(.powerImport), watts(.powerExport))
        if exporting != nil { exports = true }
        if let net = watts(.power) {
            trace.note(net, at: reading.time)
        } else if let importing, let exporting {
            trace.note(importing - exporting, at: reading.time)
        } else if let importing, !exports {
            trace.note(importing, at: reading.time)
        }
    }
}

extension OBISCode {
    fileprivate static let power = OBISCode(1, 0, 16, 7, 0)
    fileprivate static let powerImport = OBISCode(1, 0, 1, 7, 0)
    fileprivate static let powerExport = OBISCode(1, 0, 2, 7, 0)
}

extension Int64 {
    /// The nearest whole number; nil when it does not fit.
    init?(rounding number: ExactDecimal) {
        let whole = number.rounded(toDecimals: 0)
        guard whole.exponent >= 0, whole.exponent < 18 else { return nil }
        var result = whole.mantissa
        for _ in 0..<whole.exponent {
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            result = product
        }
        self = result
    }
}
