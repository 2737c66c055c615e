// SPDX-License-Identifier: Apache-2.0

/// Spans of time for people.
package enum Span {
    /// `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `40 d`; negative ones with a minus sign.
    package static func text(_ milliseconds: Int64) -> String {
        if milliseconds < 0 { return "-" + text(milliseconds == .min ? .max : -milliseconds) }
        let seconds =
            milliseconds < 9_950 ? milliseconds / 1000 : milliseconds / 1000 + (milliseconds % 1000 >= 500 ? 1 : 0)
        switch seconds {
        case ..<10:
            let tenths = (milliseconds % 1000 + 50) / 100
            return tenths == 0 ? "\(seconds) s" : tenths == 10 ? "\(seconds + 1) s" : "\(seconds).\(tenths) s"
        case ..<120: return "\(seconds) s"
        case ..<3600: return parts(seconds / 60, "min", seconds % 60, "s")
        case ..<172_800: return parts(seconds / 3600, "h", seconds / 60 % 60, "min")
        default: return "\(seconds / 86_400) d"
        }
    }

    /// A moment of a recording: `+12:05`, `+1:02:05`.
    package static func moment(_ milliseconds: Int64) -> String {
        let seconds = max(0, milliseconds / 1000)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = "\(two(seconds / 60 % 60)):\(two(seconds % 60))"
        return seconds < 3600 ? "+\(minutes)" : "+\(seconds / 3600):\(minutes)"
    }

    private static func parts(_ one: Int64, _ unit: String, _ other: Int64, _ small: String) -> String {
        other == 0 ? "\(one) \(unit)" : "\(one) \(unit) \(other) \(small)"
    }
}
