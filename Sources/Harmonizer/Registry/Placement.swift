// SPDX-License-Identifier: Apache-2.0

/// Where a device stands: which meter it is, and how that is known.
struct Placement: Sendable {
    var device: Router.Device
    /// Which meter it is; nil until the first telegram.
    var identity: DeviceIdentity?
    /// The serials that its payloads had.
    var serials: DeviceSerials
    /// The meter that was behind it until its serial changed.
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

/// Which meter a device is.
struct DeviceIdentity: Sendable {
    /// Index in the registry.
    var meter: Int
    /// The id in the payload that decided it, as received; nil when none did.
    var received: RawID?
    /// True when an id of the payload or the user said so, and not the device's name.
    var isCertain: Bool
    /// True when a payload of this device, now or in an earlier run, had an id that is one: messages without any inherit it.
    var isIdentified: Bool
    /// True when `received` is an id that is one.
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
    /// What its payloads showed.
    var serials: [String] = []
}
