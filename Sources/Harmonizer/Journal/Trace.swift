// SPDX-License-Identifier: Apache-2.0

/// A step of the pipeline with a message, beside the publications: for programs that judge readers instead of consuming
/// their readings.
package enum Trace: Sendable {
    /// A message of a device, with what its decoder made of it.
    case message(RawMessage, device: String, verdict: Verdict)
    /// A reading, with the telegram that it was made from and the instant that the telegram's own time means in the zone of its
    /// meter; nil where it has none.
    case reading(Reading, telegram: Telegram, device: String, sent: Timestamp?)
    /// A rejected message that should have been meter data.
    case rejected(Rejection, origin: Origin)
}
