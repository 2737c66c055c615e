// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

// Spans of time in reports: as text for people, and as milliseconds in JSON.
extension TimeSpan {
    /// `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `40 d`; negative ones with a minus sign.
    package var text: String {
        if self < .zero { return "-" + (-self).text }
        let rest = milliseconds % 1000
        let seconds = milliseconds < 9_950 || rest < 500 ? self.seconds : self.seconds + 1
        switch seconds {
        case ..<10:
            let tenths = (rest + 50) / 100
            return tenths == 0 ? "\(seconds) s" : tenths == 10 ? "\(seconds + 1) s" : "\(seconds).\(tenths) s"
        case ..<120: return "\(seconds) s"
        case ..<3600: return Self.parts(seconds / 60, "min", seconds % 60, "s")
        case ..<172_800: return Self.parts(seconds / 3600, "h", seconds / 60 % 60, "min")
        default: return "\(seconds / 86_400) d"
        }
    }

    /// A moment of a recording, this long after its start: `+12:05`, `+1:02:05`.
    package var moment: String {
        let seconds = Swift.max(0, seconds)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = "\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        return seconds < 3600 ? "+\(minutes)" : "+\(seconds / 3600):\(minutes)"
    }

    private static func parts(_ one: Int64, _ unit: String, _ other: Int64, _ small: String) -> String {
        other == 0 ? "\(one) \(unit)" : "\(one) \(unit) \(other) \(small)"
    }
}

extension TimeSpan: Codable {
    /// Reads a number of milliseconds.
    package init(from decoder: any Decoder) throws {
        self = .milliseconds(try decoder.singleValueContainer().decode(Int64.self))
    }

    /// Writes a number of milliseconds.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}
