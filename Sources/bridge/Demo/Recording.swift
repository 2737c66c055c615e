// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import ShippedFiles

/// Recorded raw traffic, one JSON object a line: seconds from the start, topic, payload.
struct Recording: Sendable {
    /// One message.
    struct Message: Decodable, Sendable {
        var at: Double
        var topic: String
        var payload: String
    }

    let messages: [Message]
    /// How long one round takes.
    let seconds: Double

    /// The traffic of the plug-test's four meters, with made-up serial numbers.
    static let plugTest = Recording(lines: String(decoding: ShippedDemo.recording, as: UTF8.self))

    init(lines: String) {
        let decoder = JSONDecoder()
        messages = lines.split(separator: "\n").compactMap { try? decoder.decode(Message.self, from: Data($0.utf8)) }
        seconds = ((messages.last?.at ?? 0) / 10).rounded(.up) * 10
    }
}

/// Moves the times inside a payload, so that a recording plays as if it happened now.
struct TimeShift: Sendable {
    let seconds: Int64
    let zone: Zone

    /// The shift that brings the first time found in `recording` to `now`.
    init(_ recording: Recording, to now: Timestamp, zone: Zone) {
        self.zone = zone
        let first = recording.messages.lazy.compactMap { Self.epoch(in: $0.payload)?.value }.first
        seconds = first.map { now.seconds - $0 } ?? 0
    }

    /// The payload with its `timestamp` (epoch) and `Time` (local) moved.
    func shifted(_ payload: String) -> String {
        var result = payload
        if let epoch = Self.epoch(in: result) { result.replaceSubrange(epoch.at, with: "\(epoch.value + seconds)") }
        if let key = result.firstRange(of: "\"Time\":\""), let end = result[key.upperBound...].firstIndex(of: "\""),
            let parsed = RFC3339.parse(String(result[key.upperBound..<end])), parsed.offset == nil
        {
            let instant = zone.instant(parsed.wall, near: Timestamp(seconds: 0)).adding(milliseconds: seconds * 1000)
            let wall = WallTime(instant, offset: zone.offset(at: instant))
            result.replaceSubrange(key.upperBound..<end, with: wall.description)
        }
        return result
    }

    private static func epoch(in payload: String) -> (value: Int64, at: Range<String.Index>)? {
        guard let key = payload.firstRange(of: "\"timestamp\": ") else { return nil }
        let digits = payload[key.upperBound...].prefix { $0.isNumber }
        return Int64(digits).map { ($0, digits.startIndex..<digits.endIndex) }
    }
}
