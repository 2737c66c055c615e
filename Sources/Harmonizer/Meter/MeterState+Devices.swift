// SPDX-License-Identifier: Apache-2.0

/// The devices that send for a meter.
extension MeterState {
    /// A device that sends for a meter: what survives a restart through the retained `info`.
    struct Binding: Sendable, Hashable {
        var source: String
        var device: String
        var adapter: String
        var topic: String
        /// `Source.reads` of its source; empty when an earlier version bound it.
        var reads = ""
        /// How far its clock is ahead, in whole seconds; nil while it is right or unknown.
        var clock: TimeSpan?
        /// True for the name under which a reader sends while it has lost its meter's id.
        var isFallback = false
        /// The serials of its payloads, when there were several.
        var serials: [String] = []
        /// Whether the device is there.
        var presence = Presence()
    }

    /// Adds a device, or updates a known one.
    mutating func bind(_ binding: Binding) {
        if let known = devices.firstIndex(where: { $0.isSameDevice(binding) }) {
            // The configuration may have changed since the broker stored the device.
            if devices[known].reads != binding.reads, !binding.reads.isEmpty {
                devices[known].reads = binding.reads
                isInfoStale = true
            }
            return
        }
        // Another filter names the devices of the same topics differently: one that this run has not heard is this one.
        if let same = devices.firstIndex(where: {
            $0.topic == binding.topic && !$0.isFallback && $0.presence.heard == nil && !$0.topic.isEmpty
        }) {
            (devices[same].source, devices[same].device) = (binding.source, binding.device)
            (devices[same].adapter, devices[same].reads) = (binding.adapter, binding.reads)
            isInfoStale = true
            return
        }
        guard devices.count < Limits.devicesOfMeter else { return }
        devices.append(binding)
        isInfoStale = true
    }

    /// Remembers how far a device's clock is ahead, in whole seconds.
    ///
    /// - Returns: false when that was known already, except for the variation between messages.
    mutating func setClock(_ ahead: TimeSpan?, source: String, device: String) -> Bool {
        guard let index = devices.firstIndex(where: { $0.source == source && $0.device == device }) else {
            return false
        }
        if let known = devices[index].clock, let ahead, (known - ahead).magnitude < .minutes(1) { return false }
        guard devices[index].clock != ahead else { return false }
        devices[index].clock = ahead
        isInfoStale = true
        return true
    }

    /// Changes what is known of a device.
    mutating func update(source: String, device: String, _ change: (inout Binding) -> Void) {
        guard let index = devices.firstIndex(where: { $0.source == source && $0.device == device }) else { return }
        let before = devices[index]
        change(&devices[index])
        if devices[index] != before { isInfoStale = true }
    }
}
