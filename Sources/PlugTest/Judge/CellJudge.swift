// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Determines the state of each expected register of a row.
struct CellJudge {
    let row: RowRecord
    let profile: Profile
    let suspects: [ScaleJudge.Suspect]
    /// Codes of registers for which the meter's display showed another value.
    let misread: Set<String>
    let duration: TimeSpan

    func cell(_ expected: ExpectedRegister) -> PlugTestRow.Cell {
        let obis = expected.obis.description
        guard let record = row.registers[expected.obis], record.sent + record.published + record.derived > 0 else {
            let isLate = duration < 2 * expected.every
            return PlugTestRow.Cell(obis: obis, state: isLate ? .notObserved : .absent)
        }
        var cell = PlugTestRow.Cell(
            obis: obis, state: .asSent, value: record.newest, unit: record.unit?.symbol)
        if let suspect = suspects.first(where: { $0.registers.contains(expected.obis) }) {
            cell.state = .wrong
            cell.note = suspect.text
        } else if misread.contains(obis) {
            cell.state = .wrong
            cell.note = "the display shows something else"
        } else if let fix = worst(record) {
            let isSentinel = fix.rule == .valueSentinel && record.published == 0
            let isKept = fix.action == .flag
            let isLost = record.published == 0 || !isMended(record)
            cell.state = isSentinel ? .absent : isKept || isLost ? .wrong : .repaired
            cell.note = fix.rule.rawValue
            if cell.state == .wrong {
                cell.note = "\(isKept ? "published as it was" : "held back to the end") (\(fix.rule.rawValue))"
            }
        } else if record.published == 0 {
            cell.state = record.derived > 0 ? .derived : .absent
        }
        return cell
    }

    /// True when the repairs gave a right value in the end: a held value must have come back; a substituted or restored
    /// one is right.
    private func isMended(_ record: RegisterRecord) -> Bool {
        record.isRecovered || record.fixes.values.allSatisfy { $0.action == .substitute || $0.action == .restore }
    }

    /// The most serious fix of a register; a flag means that the value was published unchanged.
    private func worst(_ record: RegisterRecord) -> Fix? {
        let fixes = record.fixes.values.filter { $0.rule != .telegramPartial }
        return fixes.min {
            ($0.action == .flag ? 0 : 1, $0.rule.rawValue) < ($1.action == .flag ? 0 : 1, $1.rule.rawValue)
        }
    }
}
