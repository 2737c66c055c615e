// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The meaning of a label of a device, from the dictionaries and OBIS codes.
enum LabelMeaning: Hashable {
    /// A register.
    case register(OBISCode, UnitRule)
    /// The meter's id.
    case id(isHexadecimalText: Bool)
    /// The meter's clock.
    case clock
    /// Known, but nothing to publish.
    case ignored
    /// The possible dictionaries of the device disagree.
    case disputed
    /// No dictionary knows the label.
    case unknown

    /// The rule for a register's unit.
    enum UnitRule: Hashable {
        /// The unit from the dictionary or the code; nil where there is none.
        case fixed(Unit?)
        /// From the decimals of the number as written: a script prints W without and kW with decimals. Between the two
        /// limits the unit is unknown.
        case byDecimals(base: Unit, upTo: Int8, kilo: Unit, from: Int8)

        /// The unit of a number with that many decimals.
        func unit(decimals: Int) -> Unit? {
            switch self {
            case .fixed(let unit): unit
            case .byDecimals(let base, let most, let kilo, let least):
                decimals <= Int(most) ? base : decimals >= Int(least) ? kilo : nil
            }
        }
    }

    /// The meaning from one dictionary.
    init(_ label: LabelDictionary.Label) {
        switch label {
        case .register(let code, let unit): self = .register(code, .fixed(unit))
        case .id: self = .id(isHexadecimalText: false)
        case .hexadecimalID: self = .id(isHexadecimalText: true)
        case .clock: self = .clock
        case .ignored: self = .ignored
        }
    }

    /// The common meaning of several dictionaries, or the common register where only W and kW differ.
    ///
    /// A gPlug's Pi is 1.7.0 in all its scripts, in W without decimals or in kW with three (two in one of them), so
    /// that the number itself decides. One decimal fits no script.
    init(agreedBy labels: [LabelDictionary.Label]) {
        guard let first = labels.first else {
            self = .unknown
            return
        }
        if labels.allSatisfy({ $0 == first }) {
            self.init(first)
        } else if labels.allSatisfy({ $0 == .id || $0 == .hexadecimalID }) {
            self = .id(isHexadecimalText: false)
        } else {
            self = Self.commonRegister(labels)
        }
    }

    private static func commonRegister(_ labels: [LabelDictionary.Label]) -> LabelMeaning {
        var code: OBISCode?
        var units: Set<Unit> = []
        for label in labels {
            guard case .register(let next, let unit) = label, code == nil || code == next, let unit else {
                return .disputed
            }
            code = next
            units.insert(unit)
        }
        let bySize = units.sorted { $0.powerOfTen < $1.powerOfTen }
        guard let code, bySize.count == 2, bySize[1].powerOfTen(to: bySize[0]) == 3 else { return .disputed }
        return .register(code, .byDecimals(base: bySize[0], upTo: 0, kilo: bySize[1], from: 2))
    }

    /// The meaning of a label that is an OBIS code (`1-0:32.7.0`, `16_7_0`, `1-8-0`) or ends in one (`Ei_1.8`,
    /// `Bezug_1.8.0`); nil for other labels.
    init?(obisLabel label: String) {
        if let code = OBISCode(label) {
            // Readers that print codes are SML readers with W and up to two decimals (`"16_7_0":-9.59` beside
            // `"36_7_0":81`), or they print a P1 telegram, whose kW has three.
            self.init(code, kiloFrom: 3)
        } else if let code = Self.suffix(of: label) {
            // The Home Assistant integration that requires these labels expects power in kW.
            self.init(code, kiloFrom: 1)
        } else {
            return nil
        }
    }

    private init(_ code: OBISCode, kiloFrom decimals: Int8) {
        func power(_ base: String, _ kilo: String) -> UnitRule {
            guard let base = Unit(base), let kilo = Unit(kilo) else { return .fixed(nil) }
            return .byDecimals(base: base, upTo: decimals - 1, kilo: kilo, from: decimals)
        }
        if code.isMeterID {
            self = .id(isHexadecimalText: false)
            return
        }
        let rule: UnitRule =
            switch code.dimension {
            case .activeEnergy: .fixed(Unit("kWh"))
            case .reactiveEnergy: .fixed(Unit("kvarh"))
            case .apparentEnergy: .fixed(Unit("kVAh"))
            case .activePower: power("W", "kW")
            case .reactivePower: power("var", "kvar")
            case .apparentPower: power("VA", "kVA")
            case .voltage: .fixed(Unit("V"))
            case .current: .fixed(Unit("A"))
            case .frequency: .fixed(Unit("Hz"))
            case .ratio: .fixed(Unit("1"))
            case .angle: .fixed(Unit("°"))
            default: .fixed(nil)
            }
        self = .register(code, rule)
    }

    /// The electricity register after the last underscore, written with points; the tariff may be omitted when it is 0.
    private static func suffix(of label: String) -> OBISCode? {
        guard let underscore = label.utf8.lastIndex(of: UInt8(ascii: "_")) else { return nil }
        let text = label[label.utf8.index(after: underscore)...]
        let groups = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(groups.count), let code = OBISCode(groups.count == 2 ? "\(text).0" : String(text)),
            code.dimension != nil
        else { return nil }
        return code
    }
}
