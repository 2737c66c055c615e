// SPDX-License-Identifier: Apache-2.0

/// Publishes messages that should have been meter data and could not be understood: a few of each kind per minute; the
/// others are counted.
struct DeadLetter: Sendable {
    private var limit = RejectLimit()
    /// The dead letters of retained messages that could not be read back; `baselineCount` is the number of all such
    /// messages.
    private var baselines: [Publication] = []
    private var baselineCount = 0

    /// The limit of sentences about single messages; further messages are only counted.
    private static let baselinesTold = 10
    /// The `adapter` of a dead letter that no reader sent.
    private static let ownFormat = "harmonized"

    /// Takes a rejected message.
    ///
    /// - Parameter meter: the meter's id, where its device is known.
    mutating func take(
        _ rejection: Rejection, origin: Origin, meter: String? = nil, _ setup: PipelineSetup, _ journal: inout Journal
    ) -> [Publication] {
        journal.note(rejection, origin: origin, deadLetter: Self.topic(setup))
        guard setup.profile.topics.reject.isEnabled else { return [] }
        let encoder = RejectEncoder(schema: setup.profile.schema)
        let (isAdmitted, summary) = limit.admit(rejection, origin: origin)
        var publications = summary.map { [Self.publication(encoder.payload($0), setup)] } ?? []
        if isAdmitted {
            publications.append(Self.publication(encoder.payload(rejection, origin: origin, meter: meter), setup))
        } else {
            journal.counters.suppressedRejects += 1
        }
        return publications
    }

    /// Summaries of what was left out in the minutes that are over; of all minutes when `isForced`.
    mutating func summaries(at now: Timestamp, isForced: Bool = false, _ setup: PipelineSetup) -> [Publication] {
        let encoder = RejectEncoder(schema: setup.profile.schema)
        return limit.summaries(at: now, isForced: isForced).map { Self.publication(encoder.payload($0), setup) }
    }

    /// Reports that a meter starts without its retained values, and keeps the dead letter until the first message.
    mutating func takeBaseline(
        _ message: RawMessage, _ rejection: Rejection, _ setup: PipelineSetup, _ journal: inout Journal
    ) {
        baselineCount += 1
        if baselineCount <= Self.baselinesTold {
            journal.tell(
                .baselineRefused(topic: message.topic, detail: rejection.detail, deadLetter: Self.topic(setup)))
        }
        let origin = Origin(
            message, source: setup.settings.bridge, adapter: Self.ownFormat, arrival: Arrival(message))
        baselines += take(rejection, origin: origin, setup, &journal)
    }

    /// Ends the restoring from retained messages.
    ///
    /// - Returns: the dead letters of the messages that could not be read.
    mutating func finishBaselines(_ journal: inout Journal) -> [Publication] {
        defer { (baselines, baselineCount) = ([], 0) }
        if baselineCount > Self.baselinesTold { journal.tell(.baselinesRefused(count: baselineCount)) }
        return baselines
    }

    private static func topic(_ setup: PipelineSetup) -> String {
        setup.profile.topics.reject.topic(["bridge": setup.settings.bridge])
    }

    private static func publication(_ payload: [UInt8], _ setup: PipelineSetup) -> Publication {
        let rule = setup.profile.topics.reject
        return Publication(topic: topic(setup), payload: payload, qos: rule.qos, isRetained: rule.retain == .always)
    }
}
