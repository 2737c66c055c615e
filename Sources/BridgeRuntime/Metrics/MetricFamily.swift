// SPDX-License-Identifier: Apache-2.0

/// A metric with its labels' names left open: what `HELP` and `TYPE` say, and which values there are.
struct MetricFamily: Sendable {
    enum Kind: Sendable, Equatable {
        case counter
        case gauge
        /// With the upper bounds of its buckets, in the unit of its name.
        case histogram([Double])

        var name: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    let name: String
    let kind: Kind
    let help: String

    private init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    /// Everything that `/metrics` has, in this order. No family has a label that grows with the meters.
    static let all: [MetricFamily] = [
        bridge(
            "messages_received_total", .counter, "Messages taken; the source is empty where none reads their topic."),
        bridge("messages_ignored_total", .counter, "Messages that are known not to be meter data."),
        bridge("readings_total", .counter, "Readings made of messages."),
        bridge(
            "publications_total", .counter, "Messages published; harmonized includes what the bridge says of itself."),
        bridge("rejects_total", .counter, "Messages that could not be understood, by reason."),
        bridge("fixes_total", .counter, "Readings that needed a repair, by rule and level."),
        bridge("meters", .gauge, "Meters; unknown ones were not heard since the start."),
        bridge("held_registers", .gauge, "Registers whose newest value is not believed yet."),
        bridge("unacked_messages", .gauge, "Input messages taken and not acknowledged."),
        bridge(
            "ack_latency_seconds",
            .histogram([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]),
            "From the first message of a batch to the acknowledgement of all."),
        bridge(
            "reading_age_seconds", .histogram([0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 86_400]),
            "How old a reading is when it comes, where it has a time of its own."),
        bridge("broker_connected", .gauge, "1 while the connection is up."),
        bridge("reconnects_total", .counter, "Connections after the first."),
        bridge("sessions_lost_total", .counter, "Sessions that the input broker forgot: messages are missed."),
        bridge("log_lines_lost_total", .counter, "Lines of the log that could not be written."),
        bridge(
            "config_last_reload_success_timestamp_seconds", .gauge, "When the configuration in force was taken over."),
        bridge("build_info", .gauge, "Always 1, with the version and the hash of the profile."),
        MetricFamily("process_cpu_seconds_total", .counter, "User and system time."),
        MetricFamily("process_resident_memory_bytes", .gauge, "Physical memory."),
        MetricFamily("process_open_fds", .gauge, "Open file descriptors."),
        MetricFamily("process_max_fds", .gauge, "File descriptors that may be open."),
        MetricFamily("process_start_time_seconds", .gauge, "When the process started."),
        MetricFamily("process_threads", .gauge, "Threads."),
    ]

    private static func bridge(_ name: String, _ kind: Kind, _ help: String) -> MetricFamily {
        MetricFamily("obis_bridge_\(name)", kind, help)
    }
}
