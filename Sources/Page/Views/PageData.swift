// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// Everything that a view shows, of one moment; what a view does not show stays empty.
package struct PageData: Sendable {
    package var now: Timestamp
    /// Whose clock the page shows.
    package var zone: Zone
    /// The bridge's name.
    package var bridge: String
    package var version: String
    /// The number of this state: what changed since then is asked for with it.
    package var sequence: UInt64 = 0
    /// True when nothing can be changed from the page.
    package var isReadOnly = false
    /// What is missing before the bridge does its work; empty when it does.
    package var missing: [String] = []
    /// Those of the overview, with the registers of a card; of the view of one meter that one, with all.
    package var meters: [MeterGlance] = []
    /// How many meters there are, by what is known of them.
    package var totals = MeterTotals()
    /// False where only those meters are there that changed.
    package var isWhole = true
    /// The power of the last hour by meter.
    package var power: [String: [PowerPoint]] = [:]
    /// What the counters of a meter counted today, by meter.
    package var days: [String: [OBISCode: DayAmount]] = [:]
    /// The meters whose last reading needed a repair.
    package var repaired: Set<String> = []
    /// Of the view of one meter.
    package var last: LiveModel.LastMessage?
    package var sources: [SourceGlance] = []
    /// The newest first.
    package var rejects: [LiveModel.Reject] = []
    package var health: HealthGlance?
    /// What a search for readers found; nil where nobody can search.
    package var discovery: DiscoveryGlance?
    package var configuration: ConfigurationGlance?
    package var plugTest: PlugTestGlance?
    /// The newest first.
    package var log: [LogEntry] = []

    /// Nothing to show yet.
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
    /// With more meters the overview has no lines of the last hour: they are most of its length.
    package static let lineLimit = 60
}

/// One source, as the page shows it.
package struct SourceGlance: Sendable {
    package var name: String
    package var adapter: String
    /// Where it is configured: `bridge.yaml:4`; nil for nowhere.
    package var place: String?
    /// The topics that it reads.
    package var filters: [String]
    package var counts: Counters.Source
    package var activity: SourceActivity
    /// Seconds that a clock of its readers is ahead, by meter.
    package var clocks: [(meter: String, ahead: TimeSpan)] = []

    /// Makes one.
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

/// How the bridge itself is.
package struct HealthGlance: Sendable {
    /// Whether each broker is connected, with how often it had to connect again.
    package var input: (isConnected: Bool, reconnects: Int)
    package var output: (isConnected: Bool, reconnects: Int)
    package var received: Int
    package var readings: Int
    package var publications: Int
    package var rejected: Int
    package var started: Timestamp
    package var configured: Timestamp
    /// Bytes of physical memory; nil where nobody knows.
    package var memory: Int?
    /// Why the files on disk are not the configuration in force; nil when they are.
    package var configurationProblem: String?
    /// What works and has consequences that an operator should know.
    package var remarks: [String]

    /// Makes one.
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
