// SPDX-License-Identifier: Apache-2.0

/// The settings from which a pipeline is made.
public struct PipelineSettings: Sendable {
    /// The bridge's name, a topic level.
    public var bridge: String
    /// What is published.
    public var profile: Profile
    /// What is subscribed to.
    public var sources: [Source]
    /// The `meters:` table.
    public var meters: [MeterEntry]
    /// What is accepted from a sender.
    public var limits: Limits
    /// The share of the devices that this process handles.
    public var partition: Partition
    /// What is published besides the harmonised profile.
    public var outputs: Outputs
    /// The options after a command that a sentence of the log names, such as ` --config bridge.yaml`.
    public var commandOptions = ""

    /// Makes settings.
    public init(
        bridge: String, profile: Profile, sources: [Source], meters: [MeterEntry] = [], limits: Limits = Limits(),
        partition: Partition = .whole, outputs: Outputs = .harmonized
    ) {
        self.outputs = outputs
        self.bridge = bridge
        self.profile = profile
        self.sources = sources
        self.meters = meters
        self.limits = limits
        self.partition = partition
    }
}
