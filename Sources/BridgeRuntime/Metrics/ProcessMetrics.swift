// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import Foundation

/// What Linux says about the process (proc(5)), under the names that Prometheus clients use for it.
struct ProcessMetrics {
    private var gauges: [String: Gauge] = [:]
    private var cpu: (instrument: FloatingPointCounter, seconds: Double)?

    mutating func update(_ factory: any MetricsFactory) {
        if let facts = Self.statistics() {
            let instrument =
                cpu?.instrument ?? FloatingPointCounter(label: "process_cpu_seconds_total", factory: factory)
            instrument.increment(by: max(0, facts.cpu - (cpu?.seconds ?? 0)))
            cpu = (instrument, max(facts.cpu, cpu?.seconds ?? 0))
            set("process_resident_memory_bytes", facts.memory, factory)
            set("process_threads", facts.threads, factory)
            set("process_start_time_seconds", facts.start, factory)
        }
        if let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            // Without the one that reads the folder.
            set("process_open_fds", Double(descriptors.count - 1), factory)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            set("process_max_fds", Double(limit.rlim_cur), factory)
        }
    }

    private mutating func set(_ name: String, _ value: Double, _ factory: any MetricsFactory) {
        let gauge = gauges[name] ?? Gauge(label: name, factory: factory)
        gauges[name] = gauge
        gauge.record(value)
    }

    private struct Statistics {
        var cpu: Double
        var memory: Double
        var threads: Double
        var start: Double
    }

    /// `/proc/self/stat`; its second field is the name, which may have blanks and brackets in it.
    private static func statistics() -> Statistics? {
        guard let data = FileManager.default.contents(atPath: "/proc/self/stat") else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
        // Counted from the third field: utime 14, stime 15, num_threads 20, starttime 22, rss 24.
        func number(_ field: Int) -> Double? { fields.indices.contains(field - 3) ? Double(fields[field - 3]) : nil }
        guard let user = number(14), let system = number(15), let threads = number(20), let start = number(22),
            let pages = number(24)
        else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // Counted from the boot of the machine; /proc/stat, which has the time of that, may be hidden from a service.
        let age = clock(CLOCK_BOOTTIME) - start / ticks
        return Statistics(
            cpu: (user + system) / ticks, memory: pages * Double(sysconf(Int32(_SC_PAGESIZE))), threads: threads,
            start: ((clock(CLOCK_REALTIME) - age) * 100).rounded() / 100)
    }

    private static func clock(_ id: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(id, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
