// SPDX-License-Identifier: Apache-2.0

// smartmeter-datacollector publishes under its serial port while a telegram has no id, and under the id when it has: one reader
// under two topics, up to two telegrams at a time (2.0.0), or until its next start.
extension Pipeline {
    /// The meter whose counters go on in a telegram without an id: the device lost the id for a while.
    func meterThatGoesOn(in telegram: Telegram, device index: Int, at now: Timestamp) -> Int? {
        let source = source(of: index).name
        let tenant = Tenant.name(in: Tenant.id("", of: tenant(of: index)))
        let candidates = meters.indices.filter { meter in
            meters[meter].serial != nil && Tenant.name(in: meters[meter].id) == tenant
                && meters[meter].devices.contains { $0.source == source && !$0.isFallback }
                && Self.goesOn(meters[meter], in: telegram, at: now)
        }
        return candidates.count == 1 ? candidates.first : nil
    }

    /// The devices of the same source that were published under their name and whose counters go on in this telegram become
    /// this meter's, with what is known of them.
    mutating func takeOverFallback(
        of meter: Int, telegram: Telegram, device index: Int, at origin: Origin
    ) -> [Publication] {
        let source = devices[index].device.source
        let tenant = tenant(of: index)
        let fallbacks = unnamedDevices.filter { other in
            guard other != index, devices[other].device.source == source, self.tenant(of: other) == tenant,
                let identity = devices[other].identity,
                !identity.isCertain, identity.received == nil, identity.meter != meter
            else { return false }
            return Self.goesOn(meters[identity.meter], in: telegram, at: origin.received)
        }
        guard fallbacks.count == 1, let fallback = fallbacks.first, let old = devices[fallback].identity?.meter else {
            return []
        }
        let name = devices[fallback].device.name
        let topic = meters[old].devices.first { $0.device == name }?.topic ?? name
        devices[fallback].identity?.meter = meter
        devices[fallback].identity?.isFallback = true
        devices[fallback].identity?.isCertain = true
        unnamedDevices.remove(fallback)
        meters[meter].bind(
            MeterState.Binding(
                source: settings.sources[source].name, device: name, adapter: settings.sources[source].adapter.name,
                topic: topic,
                reads: settings.sources[source].reads, isFallback: true))
        return retire(old, into: meter)
    }

    /// True when no device sends for the meter at the same time, and all counters that both have rose by what a house can use.
    private static func goesOn(_ meter: MeterState, in telegram: Telegram, at now: Timestamp) -> Bool {
        guard meter.isSilent(at: now) else { return false }
        var shared = 0
        for observation in telegram.observations {
            let obis = observation.obis.canonical
            guard obis.a == 1, obis.isCounter, case .number(let number) = observation.value,
                let known = meter.register(obis), case .number(let before) = known.value.value,
                let unit = known.value.unit,
                let power = observation.unit?.powerOfTen(to: unit)
            else { continue }
            let value = number.scaled(byPowerOfTen: power)
            // Small numbers are alike in every new house.
            guard before > ExactDecimal(10) else {
                if value < before { return false }
                continue
            }
            let hours = min(max(0, now.milliseconds(since: known.received) / 3_600_000), 10_000)
            guard value >= before, let most = before.adding(ExactDecimal(1 + 50 * hours)), value <= most else {
                return false
            }
            shared += 1
        }
        return shared > 0
    }
}
