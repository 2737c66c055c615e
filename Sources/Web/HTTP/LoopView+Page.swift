// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import BridgeRuntime
import Harmonizer
import MQTT
import Machine
import Page

/// The data of the configuration view.
struct LoopFacts: Sendable {
    let configuration: Configuration
    /// The last messages of each source.
    let messages: [RawMessage]
}

extension LoopView {
    /// The facts for the configuration view, which is worked out outside the loop; nil for other views.
    func surroundings(of view: PageView) -> LoopFacts? {
        guard view == .configuration, let configuration else { return nil }
        return LoopFacts(configuration: configuration, messages: live.messages)
    }

    /// True when a view may have changed since the state `sequence`.
    func hasNews(for view: PageView, since sequence: UInt64) -> Bool {
        switch view {
        case .log, .plugTest: true
        case .configuration: sequence == 0
        case .meter(let id): sequence == 0 || live.hasChanged(id, since: sequence)
        case .sources: true
        case .overview: live.sequence > sequence
        }
    }

    /// The data of a view at this moment.
    ///
    /// - Parameter sequence: the overview contains only the meters changed since this state; 0 for all meters.
    func pageData(for view: PageView, since sequence: UInt64) -> PageData {
        let now = SystemClock.now
        let zone = pipeline.settings.sources.first?.zone ?? .utc
        var data = PageData(now: now, zone: zone, bridge: pipeline.settings.bridge, version: Program.version)
        data.sequence = live.sequence
        data.missing = links.missing
        switch view {
        case .overview:
            data.totals = pipeline.meterTotals
            data.isWhole = sequence == 0
            data.meters = pipeline.glances(aliases: PageData.cardAliases) {
                sequence == 0 || live.hasChanged($0, since: sequence)
            }
            let count = data.totals.online + data.totals.offline + data.totals.unknown
            for id in data.meters.map(\.id) {
                if count <= PageData.lineLimit { data.power[id] = live.power(ofMeter: id, at: now) }
                data.days[id] = live.days(ofMeter: id, at: now, in: zone)
                if live.isRepaired(id) { data.repaired.insert(id) }
            }
        case .meter(let id):
            data.meters = [pipeline.glance(ofMeter: id)].compactMap(\.self)
            data.power[id] = live.power(ofMeter: id, at: now)
            data.days[id] = live.days(ofMeter: id, at: now, in: zone)
            data.last = live.last(ofMeter: id)
        case .sources:
            data.sources = sources(at: now)
            data.rejects = live.rejects
        case .configuration, .plugTest: break
        case .log:
            data.health = HealthGlance(
                input: (links.isConnected(.input), links.reconnects(.input)),
                output: (links.isConnected(.output), links.reconnects(.output)), counters: pipeline.counters,
                started: configured, configured: configured, memory: HealthReport.residentMemory,
                configurationProblem: configurationProblem, remarks: links.remarks)
        }
        return data
    }

    private func sources(at now: Timestamp) -> [SourceGlance] {
        let counts = Dictionary(pipeline.counters.sources.map { ($0.name, $0) }) { first, _ in first }
        var clocks: [String: [(meter: String, ahead: TimeSpan)]] = [:]
        for meter in pipeline.glances(aliases: []) {
            for device in meter.devices {
                guard let ahead = device.clock else { continue }
                clocks[device.source, default: []].append((meter.name ?? meter.id, ahead))
            }
        }
        var sources = pipeline.settings.sources.compactMap { source in
            counts[source.name].map { counts in
                SourceGlance(
                    name: source.name, adapter: source.adapter.name, place: source.place,
                    filters: source.origin.map { [$0] } ?? source.filters.map(\.description), counts: counts,
                    activity: live.activity(ofSource: source.name, at: now), clocks: clocks[source.name] ?? [])
            }
        }
        let others = pipeline.counters.others
        if others.received > 0 {
            sources.append(
                SourceGlance(
                    name: "", adapter: "", place: nil, filters: [], counts: others,
                    activity: live.activity(ofSource: "", at: now)))
        }
        return sources
    }
}
