// SPDX-License-Identifier: Apache-2.0

/// The configuration of one metering point, whichever instrument is installed. Only `MeterState.configure` changes it.
struct MeterSettings: Sendable {
    /// Its name for people, from `meters:`.
    var name: String?
    /// What it measures, from `meters:`.
    var role: MeterRole?
    /// The names of its tariffs; nil when they are not configured.
    var tariffNames: TariffNames?
    /// The zone of its clock, from `meters:`; nil for the zone of its source.
    var zone: Zone?
    /// The least that each of its monthly peaks counts, in W; nil while its demand is not computed.
    var demandFloor: ExactDecimal?
    /// The factor of its current transformers.
    var ct = ExactDecimal(1)
    /// The power in W that its connection allows, from `meters:`; nil for the profile's.
    var maxPower: ExactDecimal?
    /// The most registers that it may have.
    var registerLimit = Limits().registers
}
