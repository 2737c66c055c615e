// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer
import Machine

/// Judges a meter's own frames: checksums, list, key, gaps, replays, and the load profile values that Swiss rules
/// require.
struct FrameJudge {
    let row: RowRecord
    let frames: FrameRecord
    let duration: TimeSpan

    /// Nil when the row's format has no frames of the meter.
    init?(row: RowRecord, duration: TimeSpan) {
        guard let frames = row.frames else { return nil }
        self.row = row
        self.frames = frames
        self.duration = duration
    }

    func judgeFrames(_ result: inout RowJudge.Result) {
        judgeChecks(&result)
        judgeList(&result)
        judgeKey(&result)
    }

    // MARK: - Checksums

    private func judgeChecks(_ result: inout RowJudge.Result) {
        let count = frames.kinds.values.reduce(0, +)
        let bare = frames.kinds["message"] ?? 0
        let damaged = rejected([.crc, .incomplete, .damagedText])
        if damaged > 0 {
            let isRare = damaged * 100 <= count
            result.both(
                .checks, isRare ? .pass : .incomplete,
                "\(Count.text(damaged, "frame")) damaged or cut, \(count) whole")
        } else if count > bare {
            let kinds = frames.kinds.keys.filter { $0 != "message" }.sorted().joined(separator: ", ")
            result.sent(.checks, .pass, "the checksums of all \(count - bare) frames are right (\(kinds))")
        }
        if bare > 0, frames.ciphers.values.allSatisfy({ $0.authentic == 0 }) {
            result.sent(
                .checks, .incomplete,
                "\(Count.text(bare, "message")) without their frame: nothing proves that their bytes are the meter's")
        }
    }

    // MARK: - Lists

    private func judgeList(_ result: inout RowJudge.Result) {
        for (name, count) in frames.lists.sorted(by: { $0.key < $1.key }) {
            result.sent(.list, .pass, "\(Count.text(count, "list")) read by the table \(name)")
        }
        if frames.describedLists > 0 {
            result.sent(
                .list, .pass, "\(Count.text(frames.describedLists, "list")) with codes, scalers and units of its own")
        }
        let advice: [(Rejection.Reason, String)] = [
            (.unknownList, "no table knows: obis-bridge learn-list drafts one"),
            (.unprovenList, "contradict the table that fits them: list: NAME chooses another"),
            (.ambiguousList, "fit several tables: list: NAME chooses one"),
        ]
        for (reason, words) in advice where rejected([reason]) > 0 {
            result.both(.list, .fail, "\(Count.text(rejected([reason]), "list")) that \(words)")
        }
    }

    // MARK: - Keys, counters

    private func judgeKey(_ result: inout RowJudge.Result) {
        let refused = rejected([.encrypted])
        if refused > 0 {
            result.both(.key, .fail, "\(Count.text(refused, "encrypted frame")) that the keys do not open")
        }
        let replays = rejected([.replay])
        if replays > 0 {
            result.both(.key, .fail, "\(Count.text(replays, "frame")) sent before: a counter was used again")
        }
        for (title, cipher) in frames.ciphers.sorted(by: { $0.key < $1.key }) {
            if cipher.authentic > 0 {
                result.sent(
                    .key, .pass,
                    "\(Count.text(cipher.authentic, "frame")) of \(title) proved by a tag, security suite \(cipher.suite)"
                )
            }
            if cipher.unproven > 0 {
                result.sent(
                    .key, .incomplete,
                    "\(Count.text(cipher.unproven, "frame")) of \(title) encrypted without a tag that could be checked: nothing proves "
                        + "them")
            }
            if cipher.missing > 0 {
                result.both(
                    .gaps, .incomplete, "\(Count.text(cipher.missing, "frame")) of \(title) missing by the counter")
            }
        }
        if refused == 0, frames.ciphers.isEmpty, !frames.kinds.isEmpty {
            result.sent(.key, .pass, "not encrypted")
        }
    }

    // MARK: - Load profile

    private static let quarter = TimeSpan.minutes(15)
    /// How far a counter's time may differ from the quarter-hour.
    private static let tolerance = TimeSpan.minutes(1)
    private static let counters = [OBISCode(1, 0, 1, 8, 0), OBISCode(1, 0, 2, 8, 0)]

    /// Judges the energy of each quarter-hour, import and export: sent as a load profile, or computable from the
    /// counters.
    func judgeProfile(_ result: inout RowJudge.Result) {
        let sent = row.registers.keys.filter { $0.a == 1 && ($0.c == 99 || $0.d == 29) }.sorted()
        if !sent.isEmpty {
            let codes = sent.map(\.description).joined(separator: ", ")
            return result.both(.loadProfile, .pass, "15-minute values are sent: \(codes)")
        }
        let first = row.start - Timestamp(seconds: 0)
        let count = first / Self.quarter
        let last = max(count, (first + duration) / Self.quarter)
        let quarters = (count..<last).map { Self.quarter * ($0 + 1) - first }
        guard !quarters.isEmpty else {
            return result.both(.loadProfile, .notObserved, "no quarter-hour began while the test ran")
        }
        let missing = quarters.filter { quarter in
            Self.counters.contains { code in
                row.registers[code]?.samples(near: quarter, within: Self.tolerance).isEmpty != false
            }
        }
        if missing.isEmpty {
            result.both(
                .loadProfile, .pass,
                "15-minute values are not sent as such; 1.8.0 and 2.8.0 came at each of \(Count.text(quarters.count, "quarter-hour"))"
            )
        } else {
            result.both(
                .loadProfile, .incomplete,
                "15-minute values are not sent, and 1.8.0 or 2.8.0 is missing at \(missing.count) of "
                    + Count.text(quarters.count, "quarter-hour"))
        }
    }

    private func rejected(_ reasons: [Rejection.Reason]) -> Int {
        reasons.reduce(0) { $0 + (row.rejects[$1.rawValue] ?? 0) }
    }
}
