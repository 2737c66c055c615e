// SPDX-License-Identifier: Apache-2.0
extension RelayLoop {
    /// Subscribes to the bridge's own retained messages; the marker follows after the last SUBACK.
    func startBaseline() {
        guard let plan = baseline.plan else { return }
        baseline.begin(plan)
        do throws(MQTTError) {
            for filter in baseline.filters + [plan.markerTopic] {
                baseline.asked(try output.subscribe(TopicFilter(filter), replay: true))
            }
        } catch {
            finishBaseline(cause: "\(error)")
        }
    }

    func baselineSubscribed(_ id: Int32, codes: [Int32]) {
        guard !baseline.isDone, let plan = baseline.plan else { return }
        if codes.contains(where: { $0 >= 128 }) {
            return finishBaseline(cause: "the output broker does not let the bridge read its own topics")
        }
        if baseline.answered(id) { baseline.sent(markerID: output.publish(baseline.marker(plan)).id) }
    }

    func baselineReceived(_ message: MQTTMessage) {
        guard !baseline.isDone else { return }
        if baseline.isMarker(message) {
            markerReceived(message)
        } else if message.isRetained {
            baseline.restored()
            handler.restore(message)
        }
    }

    private func markerReceived(_ message: MQTTMessage) {
        guard let plan = baseline.plan else { return }
        if message.topic != plan.markerTopic, !baseline.isByName {
            handler.notice(.topicsAltered(sent: plan.markerTopic, received: message.topic))
        }
        let missing = handler.unrestoredTopics
        guard !missing.isEmpty, !baseline.isByName else {
            if baseline.countByName > 0 { handler.notice(.retainedByNameOnly(count: baseline.countByName)) }
            if !missing.isEmpty { handler.notice(.retainedMissing(topics: missing)) }
            return finishBaseline(cause: nil)
        }
        for filter in baseline.filters { output.unsubscribe(filter) }
        baseline.askByName(missing, plan)
        startBaseline()
    }

    func checkBaseline(_ now: Instant) {
        if !baseline.isDone, let deadline = baseline.deadline, now > deadline {
            finishBaseline(cause: "the output broker did not send everything in time")
        }
    }

    /// Ends the baseline: from now on the input may open.
    func finishBaseline(cause: String?) {
        guard !baseline.isDone, let plan = baseline.plan else { return }
        baseline.finish()
        input.formerSubscriptions = handler.formerSubscriptions
        for filter in baseline.filters + [plan.markerTopic] { output.unsubscribe(filter) }
        if let cause { handler.notice(.baselineIncomplete(reason: cause)) }
        take(handler.restored(isComplete: cause == nil))
        startSuccession()
    }
}
