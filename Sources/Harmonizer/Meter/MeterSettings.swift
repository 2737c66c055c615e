// SPDX-License-Identifier: Apache-2.0

/// What the configuration says about one metering point, whichever instrument hangs there. Only `MeterState.configure` changes it.
struct MeterSettings: Sendable {
    /// Its name for people, from `meters:`.
    var name: String?
    /// What it measures, from `meters:`.
    var role: MeterRole?
    /// What its tariffs are called; nil where nobody said it.
    var tariffNames: TariffNames?
    /// The zone of its clock, from `meters:`; nil for the zone of its source.
    var zone: Zone?
    /// W that a monthly peak of it counts at least; nil while its demand is not computed.
    var demandFloor: ExactDecimal?
    /// The factor of its current transformers.
    var ct = ExactDecimal(1)
    /// The power in W that its connection allows, from `meters:`; nil for the profile's.
    var maxPower: ExactDecimal?
    /// As many registers as it may have.
    var registerLimit = Limits().registers
}
