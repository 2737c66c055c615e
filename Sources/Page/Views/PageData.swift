// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// The data of a view at one moment; fields that the view does not show stay empty.
package struct PageData: Sendable {
    package var now: Timestamp
    /// The time zone in which the page shows times.
    package var zone: Zone
    /// The bridge's name.
    package var bridge: String
    package var version: String
    /// The number of this state, with which later changes are requested.
    package var sequence: UInt64 = 0
    /// True when the page cannot change anything.
    package var isReadOnly = false
    /// What the bridge still waits for; empty when it works.
    package var missing: [String] = []
    /// In the overview: all meters with the registers of a card. In a meter's view: that meter with all its registers.
    package var meters: [MeterGlance] = []
    /// The numbers of meters by state.
    package var totals = MeterTotals()
    /// False when `meters` contains only the changed meters.
    package var isWhole = true
    /// The power of the last hour, by meter.
    package var power: [String: [PowerPoint]] = [:]
    /// The daily amounts of each meter's counters, by meter.
    package var days: [String: [OBISCode: DayAmount]] = [:]
    /// The meters whose last reading needed a repair.
    package var repaired: Set<String> = []
    /// The last message, in the view of one meter.
    package var last: LiveModel.LastMessage?
    package var sources: [SourceGlance] = []
    /// Newest first.
    package var rejects: [LiveModel.Reject] = []
    package var health: HealthGlance?
    /// The search for readers; nil when the page offers none.
    package var discovery: DiscoveryGlance?
    package var configuration: ConfigurationGlance?
    package var plugTest: PlugTestGlance?
    /// Newest first.
    package var log: [LogEntry] = []

    /// Data with nothing to show.
    package init(now: Timestamp, zone: Zone, bridge: String, version: String) {
        self.now = now
        self.zone = zone
        self.bridge = bridge
        self.version = version
    }

    /// The aliases of the registers that a card shows.
    package static let cardAliases: Set<String> = [
        "power", "power_import", "power_export", "energy_import", "energy_export", "energy_import_t1",
        "energy_import_t2",
        "energy_export_t1", "energy_export_t2", "gas", "water", "warm_water", "heat", "cooling", "demand_import",
        "demand_import_max",
    ]
    /// With more meters the overview shows no power lines: they are most of its length.
    package static let lineLimit = 60
}

/// One source, as the page shows it.
package struct SourceGlance: Sendable {
    package var name: String
    package var adapter: String
    /// The file and line that configure it: `bridge.yaml:4`; nil when no file does.
    package var place: String?
    /// The topic filters that it reads.
    package var filters: [String]
    package var counts: Counters.Source
    package var activity: SourceActivity
    /// How far the clocks of its readers are ahead, by meter.
    package var clocks: [(meter: String, ahead: TimeSpan)] = []

    package init(
        name: String, adapter: String, place: String?, filters: [String], counts: Counters.Source,
        activity: SourceActivity, clocks: [(meter: String, ahead: TimeSpan)] = []
    ) {
        self.name = name
        self.adapter = adapter
        self.place = place
        self.filters = filters
        self.counts = counts
        self.activity = activity
        self.clocks = clocks
    }
}

/// The health of the bridge itself.
package struct HealthGlance: Sendable {
    /// Whether each broker connection is up, and the number of its reconnects.
    package var input: (isConnected: Bool, reconnects: Int)
    package var output: (isConnected: Bool, reconnects: Int)
    package var received: Int
    package var readings: Int
    package var publications: Int
    package var rejected: Int
    package var started: Timestamp
    package var configured: Timestamp
    /// Physical memory in bytes; nil when unknown.
    package var memory: Int?
    /// Why the files on disk differ from the configuration in force; nil when they do not.
    package var configurationProblem: String?
    /// Settings that work but have consequences that an operator should know.
    package var remarks: [String]

    package init(
        input: (isConnected: Bool, reconnects: Int), output: (isConnected: Bool, reconnects: Int), counters: Counters,
        started: Timestamp, configured: Timestamp, memory: Int?, configurationProblem: String?, remarks: [String]
    ) {
        self.input = input
        self.output = output
        received = counters.received
        readings = counters.readings
        publications = counters.publications
        rejected = counters.rejected.values.reduce(0, +)
        self.started = started
        self.configured = configured
        self.memory = memory
        self.configurationProblem = configurationProblem
        self.remarks = remarks
    }
}
