// SPDX-License-Identifier: Apache-2.0

/// The serials that one device has shown: what tells a meter that was exchanged from a reader that wavers between two ids.
struct DeviceSerials: Sendable {
    /// What a serial is among those before it.
    enum Place: Equatable {
        /// The one that was there, or the first.
        case known
        /// One that was there before another, or one of too many: nobody exchanges a meter back, or every day.
        case returned
        /// Never seen: the meter behind the device is another one than `former`.
        case new(former: String)
    }

    private(set) var all: [String] = []
    /// The one of the last message that had any.
    private(set) var last: String?
    /// True once an earlier one came back.
    private(set) var isWavering = false

    /// A payload may invent serials without end.
    private static let limit = 20

    init(_ known: [String] = []) {
        all = Array(known.prefix(Self.limit))
        last = all.last
    }

    mutating func take(_ serial: String) -> Place {
        defer { last = serial }
        guard let former = last, former != serial else {
            if all.isEmpty { all = [serial] }
            return .known
        }
        if all.contains(serial) || all.count >= Self.limit {
            isWavering = true
            return .returned
        }
        all.append(serial)
        return .new(former: former)
    }
}
