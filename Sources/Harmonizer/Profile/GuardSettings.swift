// SPDX-License-Identifier: Apache-2.0

/// `guards:` of a profile: when a counter is not believed, and what makes it believed after all.
public struct GuardSettings: Sendable, Equatable {
    /// How many messages in a row have to repeat a held value.
    public var confirmMessages: Int
    /// The least time from the first to the last of these messages.
    public var confirmAfter: TimeSpan
    /// The highest power that three phases can draw, in W; a meter with one phase gets a third. Zero: no limit.
    public var maxPower: ExactDecimal
    /// The highest possible flow of gas or water, in m³/h. Zero: no limit.
    public var maxFlow: ExactDecimal

    /// Makes settings. The default power is that of three phases with 1000 A, more than any meter has without
    /// transformers: a limit that only damaged messages reach.
    public init(
        confirmMessages: Int = 10, confirmAfter: TimeSpan = .minutes(15),
        maxPower: ExactDecimal = ExactDecimal(700_000), maxFlow: ExactDecimal = ExactDecimal(100)
    ) {
        self.confirmMessages = confirmMessages
        self.confirmAfter = confirmAfter
        self.maxPower = maxPower
        self.maxFlow = maxFlow
    }
}
