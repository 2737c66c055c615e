// SPDX-License-Identifier: Apache-2.0

/// One more form in which the bridge publishes what it knows, beside the harmonised profile: for Home Assistant, for programs
/// that read RL-DSP, for a battery's own topics. Several work at once, so that people can migrate.
///
/// An output is a pure function of a meter and a reading. What the broker keeps of it, what is unchanged and what has to be
/// cleared is the business of `OutputStage`, once for all.
protocol Output: Sendable {
    /// The name in `outputs:`.
    static var name: String { get }
    /// Everything it may publish on, as topic filters with `+` where a meter or a register stands.
    var filters: [String] { get }
    /// A topic of the consumer that says `online` when it starts; nil for none.
    var birthTopic: String? { get }
    /// What says that a meter exists and what it has; published when it changed, all of it retained.
    func description(of meter: MeterState) -> [Publication]
    /// What a reading brings, once `meter` has taken it in.
    func publications(of reading: Reading, meter: MeterState) -> [Publication]
    /// What the consumer wants to hear some seconds after its birth: momentary values, which no broker keeps.
    func freshValues(of meter: MeterState, at now: Timestamp) -> [Publication]
    /// What is said about the bridge itself after each connect.
    func birth() -> [Publication]
    /// What is said before a clean end.
    func farewell() -> [Publication]
}

extension Output {
    var birthTopic: String? { nil }
    func description(of meter: MeterState) -> [Publication] { [] }
    func publications(of reading: Reading, meter: MeterState) -> [Publication] { [] }
    func freshValues(of meter: MeterState, at now: Timestamp) -> [Publication] { [] }
    func birth() -> [Publication] { [] }
    func farewell() -> [Publication] { [] }
}

/// What an output knows of the bridge it belongs to.
public struct OutputContext: Sendable {
    /// The bridge's name, a topic level.
    public var bridge: String
    /// What the harmonised topics are.
    public var profile: Profile
    /// The program's version.
    public var version: String

    /// Makes a context.
    public init(bridge: String, profile: Profile, version: String) {
        self.bridge = bridge
        self.profile = profile
        self.version = version
    }
}
