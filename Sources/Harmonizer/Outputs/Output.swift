// SPDX-License-Identifier: Apache-2.0

/// A further form in which the bridge publishes meters, besides the harmonised profile: for Home Assistant, for
/// programs that read RL-DSP, for a battery's own topics. Several can be active at once, so that people can migrate.
///
/// An output is a pure function of a meter and a reading. `OutputStage` decides, once for all outputs, what the broker
/// keeps, what is unchanged and what has to be cleared.
protocol Output: Sendable {
    /// The name in `outputs:`.
    static var name: String { get }
    /// The topics that it may publish on, as filters with `+` for a meter or a register.
    var filters: [String] { get }
    /// The topic on which the consumer publishes `online` when it starts; nil for none.
    var birthTopic: String? { get }
    /// Messages that announce a meter and its registers; published when they changed, all of them retained.
    func description(of meter: MeterState) -> [Publication]
    /// Messages for a reading, once `meter` has taken it in.
    func publications(of reading: Reading, meter: MeterState) -> [Publication]
    /// Messages for the consumer some seconds after its birth: momentary values, which no broker keeps.
    func freshValues(of meter: MeterState, at now: Timestamp) -> [Publication]
    /// Messages about the bridge itself after each connect.
    func birth() -> [Publication]
    /// Messages before a clean end.
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
package struct OutputContext: Sendable {
    /// The bridge's name, a topic level.
    package var bridge: String
    /// The profile, which defines the harmonised topics.
    package var profile: Profile
    /// The program's version.
    package var version: String

    /// Makes a context.
    package init(bridge: String, profile: Profile, version: String) {
        self.bridge = bridge
        self.profile = profile
        self.version = version
    }
}
