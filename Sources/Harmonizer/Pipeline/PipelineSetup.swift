// SPDX-License-Identifier: Apache-2.0

/// Everything that follows from the settings alone: made in one place, so that a reload cannot know less than a start.
struct PipelineSetup: Sendable {
    let settings: Pipeline.Settings
    let router: Router
    /// What the user says about meters.
    let meterTable: MeterTable
    let context: DecodingContext
    /// What the profile makes of each register.
    var rules: RegisterRules
    /// By source.
    let adapterNames: [String]
    /// What happens for each rule, by source.
    let policies: [FixPolicies]

    init(_ settings: Pipeline.Settings) {
        self.settings = settings
        router = Router(settings.sources)
        meterTable = MeterTable(settings.meters)
        rules = RegisterRules(settings.profile)
        adapterNames = settings.sources.map(\.adapter.name)
        policies = settings.sources.map { settings.profile.policies.overlaid(with: $0.policies) }
        context = DecodingContext(keepsRaw: settings.profile.keepsRaw, limits: settings.limits)
    }
}
