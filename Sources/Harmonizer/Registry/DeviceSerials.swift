// SPDX-License-Identifier: Apache-2.0

/// The serials that one device has shown, to distinguish an exchanged meter from a reader that wavers between two ids.
struct DeviceSerials: Sendable {
    /// How a serial relates to those before it.
    enum Place: Equatable {
        /// The current serial, or the first.
        case known
        /// A former serial, or one of too many: a meter is not exchanged back, nor every day.
        case returned
        /// A serial that was never seen: the meter behind the device is another one than `former`.
        case new(former: String)
    }

    private(set) var all: [String] = []
    /// The serial of the last message that had one.
    private(set) var last: String?
    /// True once an earlier serial came back.
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
