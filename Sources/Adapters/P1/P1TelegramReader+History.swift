// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

extension P1TelegramReader {
    /// Reads a profile-generic line: `(n)(id)…(stamp)(value)…`, n records of one stamp and one group for each id.
    ///
    /// 1-0:99.97.0 is the log of power failures; 0-0:98.1.0 contains the monthly peaks in Belgium, peaks beside
    /// counters in an E660, and counters at the end of the month, without n and ids, in Hungary. Only the ids define
    /// the contents of a record. Of two adjacent stamps the second is the value's own (the quarter hour of a peak); a
    /// value without one has the record's stamp.
    mutating func addHistory(_ code: OBISCode, _ bytes: UnsafeBufferPointer<UInt8>) {
        var index = 0
        if !P1Time.isLike(group(0, bytes)) {
            if groups.count == 1, P1Text.trimmed(group(0, bytes)).isEmpty { return }
            index = 1
        }
        let firstID = index
        while index < groups.count, Self.isID(group(index, bytes)) { index += 1 }
        let ids = firstID..<index
        let record = ids.isEmpty ? groups.count : ids.count + 1
        let isFailureLog = code.c == 99 && code.d == 97
        var entries: [RawValue.Entry] = []
        var stamp: RawTime?
        var own: RawTime?
        var position = 0
        var isTorn = false
        while index < groups.count {
            let group = group(index, bytes)
            let column = position % record
            index += 1
            position += 1
            if P1Time.isLike(group) {
                let time = P1Time.ofRegister(group)
                if column == 0 || stamp == nil { (stamp, own) = (time, nil) } else { own = time }
                continue
            }
            // The status of a profile (0-0:96.10.x) is not a reading.
            if column > 0, column <= ids.count, isStatus(ids.lowerBound + column - 1, bytes) { continue }
            switch P1Value(group) {
            case .number(let number, _, _) where isFailureLog && number == Self.unwritten:
                own = nil
            case .number(let number, let unit, _):
                let unit = unit ?? (isFailureLog ? Self.second : nil)
                entries.append(RawValue.Entry(time: own ?? stamp, value: number, unit: unit))
                own = nil
            case .absent: break
            case .other: isTorn = true
            }
        }
        if isTorn { remark("\(code) has an entry that is no number") }
        append(code, .list(entries), bytes)
    }

    /// True for the OBIS code of a captured register, `0-0:96.7.19`; `0:96.7.19` is a misprint in the specification
    /// that simulators copied.
    private static func isID(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var hasColon = false
        for byte in bytes {
            switch byte {
            case UInt8(ascii: ":"): hasColon = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "*"): break
            default: return false
            }
        }
        return hasColon
    }

    private func isStatus(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let id = OBISCode(bytes: group(index, bytes)) else { return false }
        return id.c == 96 && id.d == 10
    }

    private static let second = Unit("s")
    /// The duration in an entry of the failure log that was never written: `(000101000001W)(2147483647*s)` of Kaifa meters.
    private static let unwritten = ExactDecimal(2_147_483_647)
}
