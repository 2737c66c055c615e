// SPDX-License-Identifier: Apache-2.0

/// Everything that follows from the settings alone: made in one place, so that a reload cannot know less than a start.
///
/// A class only so that every stage can have it for the price of a pointer; it never changes.
final class PipelineSetup: Sendable {
    let settings: PipelineSettings
    // Stored besides the settings, so that one of them is read without a copy of all.
    let profile: Profile
    let limits: Limits
    /// What is published of meters in the harmonised profile.
    let harmonized: HarmonizedOutput
    let router: Router
    /// The user's entries about meters.
    let meterTable: MeterTable
    let context: DecodingContext
    /// The names of the adapters, by source.
    let adapterNames: [String]
    /// What happens for each rule, by source.
    let policies: [FixPolicies]

    init(_ settings: PipelineSettings) {
        self.settings = settings
        (profile, limits) = (settings.profile, settings.limits)
        harmonized = HarmonizedOutput(settings.profile)
        router = Router(settings.sources)
        meterTable = MeterTable(settings.meters)
        adapterNames = settings.sources.map(\.adapter.name)
        policies = settings.sources.map { settings.profile.policies.overlaid(with: $0.policies) }
        context = DecodingContext(keepsRaw: settings.profile.keepsRaw, limits: settings.limits)
    }
}
