// SPDX-License-Identifier: Apache-2.0

/// A counter's value that is not believed yet: the last value, and for how long it has been repeated.
struct HeldCounter: Sendable, Equatable {
    /// The rule that holds the value.
    var rule: Fix.Rule
    /// The newest value of the row.
    var value: ExactDecimal
    var unit: Unit?
    /// When `value` was true.
    var time: Timestamp
    /// When the first message of the row arrived.
    var since: Timestamp
    /// Messages of the row; none while the value is a zero, which repetition does not make true.
    var messages: Int
}
