// SPDX-License-Identifier: Apache-2.0

/// `guards:` of a profile: when a counter is not believed, and what makes it believed after all.
public struct GuardSettings: Sendable, Equatable {
    /// So many messages in a row have to repeat a value that was held.
    public var confirmMessages: Int
    /// And so much time has to pass from the first to the last of them.
    public var confirmAfter: TimeSpan
    /// The power in W that three phases can draw at most; a meter that has one phase gets a third. Zero: no limit.
    public var maxPower: ExactDecimal
    /// The flow of gas or water in m³/h that is possible at most. Zero: no limit.
    public var maxFlow: ExactDecimal

    /// Makes settings. The power is that of three phases with 1000 A, more than any meter has without transformers: a limit that
    /// only damaged messages reach.
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
