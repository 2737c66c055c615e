// SPDX-License-Identifier: Apache-2.0
import Adapters
package import Harmonizer

/// Finds the adapter or label dictionary that understands messages which a source's own adapter does not.
package struct AdapterAdvice: Sendable {
    private var discovery: Discovery
    private var count = 0
    private let adapter: String

    /// - Parameters:
    ///   - adapter: the name of the source's adapter.
    ///   - placeholders: texts that are not real ids.
    package init(insteadOf adapter: String, placeholders: Set<String>) {
        self.adapter = adapter
        discovery = Discovery(placeholders: placeholders)
    }

    /// The number of messages examined; every adapter is tried on each.
    static let limit = 30

    /// Examines one message of the source.
    package mutating func hear(_ message: RawMessage) {
        guard count < Self.limit else { return }
        count += 1
        discovery.hear(message)
    }

    /// The fault of a reader's local time in a zone: `its clock is 1 h ahead of Europe/London: set zone, Europe/Zurich
    /// fits`; nil when the time fits, and for readers that send no local time.
    func clockFault(in zone: Zone) -> String? {
        let times = discovery.findings.compactMap(\.time)
        guard let (sent, received) = times.first(where: { $0.sent.isLocal }), let wall = sent.face else { return nil }
        guard let hours = (zone.instant(wall, near: received) - received).zoneHours, hours != 0 else { return nil }
        let fitting = ["Europe/Zurich", "Europe/London", "Europe/Helsinki", "Atlantic/Azores", "UTC"].first { name in
            Zone(name).map { ($0.instant(wall, near: received) - received).magnitude <= .minutes(3) } ?? false
        }
        let advice = fitting.map { ", \($0) fits" } ?? ""
        return
            "its clock is \(abs(hours)) h \(hours > 0 ? "ahead of" : "behind") \(zone.identifier): set \"zone\"\(advice)"
    }

    /// The advice, such as `looks like the adapter p1: write "adapter: p1"`; nil when no other adapter fits.
    package var sentence: String? {
        let findings = discovery.findings.filter { $0.verdict != .ambiguous }
        guard let finding = findings.first(where: { $0.adapter != adapter }) ?? findings.first else { return nil }
        let labels = finding.labels.map { ", labels: \($0)" } ?? ""
        guard finding.adapter != adapter || !labels.isEmpty else { return nil }
        return "looks like the adapter \(finding.adapter): write \"adapter: \(finding.adapter)\(labels)\""
    }
}

extension RawTime {
    /// The local time without an offset; nil for other forms.
    fileprivate var face: WallTime? {
        switch self {
        case .local(let wall), .seasonal(let wall, _): wall
        case .instant, .invalid: nil
        }
    }

    fileprivate var isLocal: Bool { face != nil }
}
