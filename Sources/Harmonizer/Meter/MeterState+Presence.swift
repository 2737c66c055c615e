// SPDX-License-Identifier: Apache-2.0

extension MeterState {
    /// Records that a device sent.
    ///
    /// - Parameter isLive: false for a message that waited on its way: it shows that the device is alive, but not at
    ///   which pace.
    mutating func hear(_ sender: Sender, at now: Timestamp, isLive: Bool) {
        guard let index = index(of: sender) else { return }
        if isLive, let last = devices[index].presence.heard, devices[index].presence.isPaced {
            devices[index].presence.interval = Interval.learned(devices[index].presence.interval, now - last)
        }
        devices[index].presence.isPaced = isLive
        devices[index].presence.heard = now
        devices[index].presence.isGone = false
    }

    /// Records the last will of a device.
    mutating func part(_ sender: Sender) {
        guard let index = index(of: sender) else { return }
        devices[index].presence.isGone = true
    }

    private func index(of sender: Sender) -> Int? {
        devices.firstIndex { $0.source == sender.source && $0.device == sender.device }
    }

    /// True while no device sends for it under its own name: a reader whose messages arrive under a fallback name sends
    /// none under its own.
    func isSilent(at now: Timestamp) -> Bool {
        devices.allSatisfy { device in
            guard !device.isFallback, let heard = device.presence.heard else { return true }
            return now - heard >= max(.seconds(2), (device.presence.interval ?? .zero) / 2)
        }
    }

    /// The latest time until which one of its devices may be silent; nil when last wills reported all of them gone.
    ///
    /// - Parameter start: since when this bridge listens, for devices that only an earlier run heard.
    func deadline(listeningSince start: Timestamp) -> Timestamp? {
        var latest: Timestamp?
        for index in devices.indices where !devices[index].presence.isGone {
            let presence = devices[index].presence
            let deadline = max(presence.heard ?? start, start) + Silence.limit(presence.interval ?? interval)
            latest = max(latest ?? deadline, deadline)
        }
        return latest
    }

    /// Marks the registers that were not refreshed for three of their intervals.
    ///
    /// - Returns: true when a further register has become stale.
    mutating func age(at now: Timestamp) -> Bool {
        var isChanged = false
        let now = PackedTime(now)
        for index in registers.indices {
            if registers[index].isOverdue(at: now), !registers[index].isStale {
                registers[index].isStale = true
                isChanged = true
            }
        }
        return isChanged
    }
}

/// Whether a device that sends for a meter is there.
struct Presence: Sendable, Hashable {
    /// When its last message arrived; nil when this run has received none.
    var heard: Timestamp?
    /// The usual time between two messages.
    var interval: TimeSpan?
    /// True when its last message arrived at the device's own pace.
    var isPaced = false
    /// True when its last will reported it gone.
    var isGone = false
}
