// SPDX-License-Identifier: Apache-2.0

/// `demand:` of a profile or of a meter: whether the quarter-hour demand is computed from the energy counter.
public struct DemandSettings: Sendable, Equatable {
    /// True when it is computed for meters that do not send it.
    public var isEnabled: Bool
    /// The least that each monthly peak counts in the mean of twelve, in W (2500 in Flanders); nil when it is not set
    /// here.
    public var floor: ExactDecimal?

    /// Demand that is off, as the shipped profile has it.
    public static let off = DemandSettings(isEnabled: false)

    /// Makes settings.
    public init(isEnabled: Bool, floor: ExactDecimal? = nil) {
        self.isEnabled = isEnabled
        self.floor = floor
    }

    /// Reads `demand: on`, `demand: off` or `demand: {floor: 2.5 kW}`, which switches it on; nil when it is absent.
    package static func read(_ map: inout YAMLReader) -> DemandSettings? {
        guard let node = map.node("demand"), !node.isNull else { return nil }
        guard case .mapping = node.content else { return map.flag("demand").map { DemandSettings(isEnabled: $0) } }
        var settings = map.map("demand", what: "demand")
        let isEnabled = settings.flag("enabled") ?? true
        let floor = settings.quantity("floor", in: "W")
        settings.finish(synonyms: ["minimum": "floor", "min": "floor"])
        return DemandSettings(isEnabled: isEnabled, floor: floor)
    }
}
