// SPDX-License-Identifier: Apache-2.0

/// The meter of a device, and how it is known.
struct Placement: Sendable {
    var device: Router.Device
    /// The meter's identity; nil until the first telegram.
    var identity: DeviceIdentity?
    /// The serials that its payloads had.
    var serials: DeviceSerials
    /// The meter behind the device until its serial changed.
    @Rare var leaving: Leaving? = nil
    /// When it was first heard without an id that a later message may bring; nil once that is settled.
    var unsettledSince: Timestamp?

    /// A meter that a device seems to have left.
    struct Leaving: Sendable {
        var meter: Int
        var serial: String?
        var since: Timestamp
        /// Messages with the new serial since.
        var count = 0
    }
}

/// The meter that a device sends for, and the evidence.
struct DeviceIdentity: Sendable {
    /// Index in the registry.
    var meter: Int
    /// The id in the payload that decided it, as received; nil when none did.
    var received: RawID?
    /// True when an id of the payload or the user decided it, and not the device's name.
    var isCertain: Bool
    /// True when a payload of this device, now or in an earlier run, contained a real (non-placeholder) id: messages
    /// without an id inherit it.
    var isIdentified: Bool
    /// True when `received` is a real id.
    var isPlain = false
    /// Where the user decided it: `bridge.yaml:7`.
    var place: String?
    /// True when the counters say that this device is the reader of a meter whose id it lost.
    var isFallback = false
}

/// What the retained `info` of an earlier run says about a device.
struct RestoredBinding: Sendable {
    var meter: String
    var serial: String?
    /// How far the device's clock is ahead, in whole seconds; nil when it was right or unknown.
    var clock: TimeSpan?
    var isFallback = false
    /// The serials that its payloads showed.
    var serials: [String] = []
}
