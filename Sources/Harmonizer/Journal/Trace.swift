// SPDX-License-Identifier: Apache-2.0

/// What the pipeline made of a message, step by step, beside what it publishes: for who judges the readers instead of
/// consuming their readings.
package enum Trace: Sendable {
    /// A message of a device, with what its decoder made of it.
    case message(RawMessage, device: String, verdict: Verdict)
    /// A reading, with the telegram that it was made from and the instant that the telegram's own time means in the zone of its
    /// meter; nil where it has none.
    case reading(Reading, telegram: Telegram, device: String, sent: Timestamp?)
    /// Something that should have been meter data.
    case rejected(Rejection, origin: Origin)
}
