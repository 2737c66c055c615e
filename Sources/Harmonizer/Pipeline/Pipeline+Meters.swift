// SPDX-License-Identifier: Apache-2.0

/// How many meters there are, by what is known of them.
public struct MeterTotals: Sendable, Equatable {
    /// Their messages arrive.
    public var online = 0
    /// They are silent, or their reader said goodbye.
    public var offline = 0
    /// Known from an earlier run, and not heard since the start.
    public var unknown = 0
    /// Registers whose newest value is not believed yet.
    public var heldRegisters = 0
}

// What people and programs ask about meters while the bridge runs.
extension Pipeline {
    /// How many meters there are.
    public var meterTotals: MeterTotals {
        var counts = MeterTotals()
        for meter in meters where meter.isListed {
            switch meter.isOnline {
            case true?: counts.online += 1
            case false?: counts.offline += 1
            case nil: counts.unknown += 1
            }
            counts.heldRegisters += meter.held.count
        }
        return counts
    }

    /// Messages published since the start, by output; the harmonised profile and what the bridge says of itself is
    /// `harmonized`.
    public var publicationsByOutput: [String: Int] {
        var counts = outputs.published
        for name in settings.outputs.names where counts[name] == nil { counts[name] = 0 }
        // What no other output made is the profile's.
        counts["harmonized"] = max(0, counters.publications - counts.values.reduce(0, +))
        return counts
    }

    /// `state` of a meter as it stands now, the bytes of the topic, whether or not the profile publishes it.
    ///
    /// - Returns: nil for a meter that is not known, or of which nothing was ever received.
    public func state(ofMeter id: String) -> [UInt8]? {
        guard let index = meterIndices[id], meters[index].isListed else { return nil }
        return StateEncoder(schema: profile.schema).payload(meters[index])
    }

    /// Every meter that is known, in no order.
    public var meterSummaries: [MeterSummary] {
        meters.indices.compactMap { index in
            guard meters[index].isListed, let newest = meters[index].newest else { return nil }
            return MeterSummary(
                id: meters[index].id, name: meters[index].name, isOnline: meters[index].isOnline, newest: newest)
        }
    }
}

extension MeterState {
    /// False for a meter that turned out to be another, that was forgotten, or that another bridge reads.
    fileprivate var isListed: Bool { newest != nil && !devices.isEmpty }
}
