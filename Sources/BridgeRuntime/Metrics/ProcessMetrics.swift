// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What Linux says about the process (proc(5)), under the names that Prometheus clients use for it.
enum ProcessMetrics {
    static func update(_ registry: inout MetricRegistry) {
        if let facts = statistics() {
            registry.count("process_cpu_seconds_total", [], facts.cpu)
            registry.set("process_resident_memory_bytes", [], facts.memory)
            registry.set("process_threads", [], facts.threads)
            registry.set("process_start_time_seconds", [], facts.start)
        }
        if let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            // Without the one that reads the folder.
            registry.set("process_open_fds", [], Double(descriptors.count - 1))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            registry.set("process_max_fds", [], Double(limit.rlim_cur))
        }
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
