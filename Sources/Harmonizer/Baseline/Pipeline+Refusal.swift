// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Ends the reading back of what the broker kept, before the first message of a reader.
    ///
    /// - Returns: the dead letters of the retained messages that could not be read: the first reading of their meters
    ///   replaces them on the broker.
    public mutating func finishRestoring() -> [Publication] {
        defer {
            refusedBaselines = []
            refusedBaselineCount = 0
        }
        if refusedBaselineCount > Self.refusalsTold {
            tell(
                Diagnostic(
                    .warning,
                    "\(refusedBaselineCount) retained messages in all could not be read back; health counts them"))
        }
        counters.publications += refusedBaselines.count
        return refusedBaselines
    }

    /// Sentences about single messages, before they are only counted.
    private static let refusalsTold = 10

    /// Says that a meter starts without what the broker keeps of it, and keeps the payload for the dead letter.
    mutating func refuseBaseline(_ message: RawMessage, _ rejection: Rejection) {
        refusedBaselineCount += 1
        if refusedBaselineCount <= Self.refusalsTold {
            tell(
                Diagnostic(
                    .warning,
                    "\(message.topic): \(rejection.detail): not read, so this meter starts without its last values: "
                        + "its counters are believed as they come next, and its first reading replaces this message, "
                        + "which is on \(profile.topics.reject.topic(["bridge": settings.bridge]))"))
        }
        let origin = Origin(
            message, source: settings.bridge, adapter: Self.ownFormat, arrival: Arrival(message))
        refusedBaselines += reject(rejection, origin: origin)
    }

    /// The `adapter` of a dead letter that no reader sent.
    private static let ownFormat = "harmonized"

    /// True for a topic on which some meter's `info` or `state` is.
    func isBaseline(_ topic: String) -> Bool {
        [profile.topics.info, profile.topics.state].contains { $0.isEnabled && $0.pattern?.captures(topic) != nil }
    }
}
