// SPDX-License-Identifier: Apache-2.0
/// The state of a relay at the end of a pass of its loop.
public struct RelayStatus: Sendable, Equatable {
    /// The input connection is up.
    public var isInputConnected: Bool
    /// The output connection is up.
    public var isOutputConnected: Bool
    /// True when the bridge's own retained messages were read back, or reading them was given up.
    public var isBaselineDone: Bool
    /// Input messages taken and not yet acknowledged.
    public var unacknowledged: Int
    /// Why nothing, or not everything, can be delivered although the broker is connected; nil when nothing is wrong.
    public var outputProblem: String?

    /// A status; by default nothing is connected.
    public init(
        isInputConnected: Bool = false, isOutputConnected: Bool = false, isBaselineDone: Bool = false,
        unacknowledged: Int = 0, outputProblem: String? = nil
    ) {
        self.isInputConnected = isInputConnected
        self.isOutputConnected = isOutputConnected
        self.isBaselineDone = isBaselineDone
        self.unacknowledged = unacknowledged
        self.outputProblem = outputProblem
    }
}
