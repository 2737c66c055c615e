// SPDX-License-Identifier: Apache-2.0
/// Watches the broker's own count of dropped messages (`$SYS/broker/publish/messages/dropped` of mosquitto), which
/// grows while a queue is full and is the only sign of it.
struct DropWatch {
    private var last: Int64?
    private var unreported: Int64 = 0
    private var nextReport: ContinuousClock.Instant?

    /// Notes a count; returns the growth to report, at most once a minute.
    mutating func note(_ payload: [UInt8], _ now: ContinuousClock.Instant) -> Int64? {
        guard let count = Int64(String(decoding: payload.prefix(20), as: UTF8.self)), count >= 0 else { return nil }
        // A restarted broker counts from zero.
        if let last, count > last { unreported = unreported.addingReportingOverflow(count - last).partialValue }
        last = count
        guard unreported > 0, nextReport.map({ $0 <= now }) ?? true else { return nil }
        defer { unreported = 0 }
        nextReport = now + .seconds(60)
        return unreported
    }
}
