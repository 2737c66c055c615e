// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

/// Turns the values of a message into registers, by a list or by the message's own description.
struct ListRegisters {
    let content: ListContent
    let bytes: [UInt8]

    /// True when a register of electricity has no power of ten in the message.
    var needsScale: Bool {
        content.entries.contains {
            $0.unit == nil && $0.code.dimension != nil && content.element($0.element).isInteger
        }
    }

    /// The registers, without ids, names, clocks and the push setup.
    func registers(by list: PushList?) -> [Observation] {
        var registers: [Observation] = []
        if content.shape == .positional {
            registers.reserveCapacity(content.values.count)
            for (index, position) in (list?.positions ?? []).enumerated() where index < content.values.count {
                guard case .register(let code, let power, let unit) = position else { continue }
                add(code, content.values[index], power: power, unit: unit, to: &registers)
            }
            return registers
        }
        registers.reserveCapacity(content.entries.count)
        for entry in content.entries where !Self.isName(entry) {
            if entry.objectClass == 4, entry.attribute == 5 {
                // The capture time of the value before it.
                let element = content.element(entry.element)
                if let last = registers.indices.last, registers[last].obis == entry.code,
                    element.size == COSEMTime.size
                {
                    registers[last].time = ListTime.time(bytes, Int(element.start), rule: list?.clock ?? .asSent)
                }
                continue
            }
            if let number = entry.unit {
                let unit = ListUnits.unit(number) ?? (entry.code.dimension == .ratio ? ListUnits.unit(of: .ratio) : nil)
                add(entry.code, entry.element, power: entry.scaler ?? 0, unit: unit, to: &registers)
            } else if let scale = list?.scales.scale(of: entry.code) {
                add(entry.code, entry.element, power: scale.power, unit: scale.unit, to: &registers)
            } else {
                add(entry.code, entry.element, power: 0, unit: nil, to: &registers)
            }
        }
        return registers
    }

    private func add(_ code: OBISCode, _ index: Int, power: Int, unit: Unit?, to registers: inout [Observation]) {
        let element = content.element(index)
        if let number = element.integer(bytes) {
            registers.append(Observation(code, .number(ExactDecimal(number, exponent: power)), unit: unit))
        } else if let digits = element.decimalDigits(bytes) {
            guard let number = ExactDecimal(digits) else { return }
            registers.append(Observation(code, .number(number.scaled(byPowerOfTen: power)), unit: unit))
        } else if element.isOctets {
            registers.append(Observation(code, octets(element)))
        } else if element.isGroup, element.count > 0 {
            registers.append(Observation(code, .text(text(of: index))))
        }
    }

    /// A text, or the number in other octets, as the active tariff is sent (`0002`).
    private func octets(_ element: AXDR.Element) -> RawValue {
        if ListText.isText(bytes, element.range) || element.size == 0 || element.size > 4 {
            return .text(element.size == 0 ? "" : ListText.text(bytes, element.range))
        }
        var number: Int64 = 0
        for index in element.range { number = number << 8 | Int64(bytes[index]) }
        return .number(ExactDecimal(number))
    }

    /// The contents of a group, separated by spaces.
    private func text(of group: Int) -> String {
        var words: [String] = []
        var index = group + 1
        while index < Int(content.element(group).next) {
            let element = content.element(index)
            if let number = element.integer(bytes) {
                words.append("\(number)")
            } else if element.isOctets {
                words.append(ListText.text(bytes, element.range))
            }
            index += 1
        }
        return words.joined(separator: " ")
    }

    /// True for ids, names and times of the meter, and for the push setup.
    private static func isName(_ entry: ListContent.Entry) -> Bool {
        let code = entry.code
        if entry.objectClass == ListContent.pushSetup { return true }
        switch (code.c, code.d, code.e) {
        case (0, 2, 129), (42, 0, 0), (0, 0, 1), (0, 0, 5): return true
        case (1, 0, 0): return code.a == 0
        case (25, 9, 0): return code.a == 0
        case (96, 1, _): return true
        default: return false
        }
    }
}
