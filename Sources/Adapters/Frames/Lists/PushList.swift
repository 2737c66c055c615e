// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

/// Facts about what one kind of meter pushes that its frames do not contain: the register for each value, the scale
/// factors, the rule of its clock. A new meter is one entry in a YAML file.
public struct PushList: Sendable, Equatable {
    /// The name in `list:`: `kaifa-2-3p`.
    public var name: String
    /// The arrangement of the values in the message; nil for every form with codes.
    var shape: ListShape?
    /// The conditions for a message.
    var match = Match()
    /// True for a list that no feature of a message distinguishes from others: it is used only when the source names
    /// it.
    var isByHand = false
    /// True for a list that is used only when a law proves it.
    var isGuess = false
    /// The meaning of each value, for a list without codes.
    var positions: [Position] = []
    /// The powers of ten for numbers without a scaler of their own.
    var scales = Scales()
    /// The rule of the meter's clock.
    var clock = ClockRule.asSent
    /// The rules that its values must satisfy.
    var laws: [ListLaw] = []
    /// The deviations to accept in its bytes.
    var quirks: [Quirk] = []

    /// The conditions for a message to match this list.
    struct Match: Sendable, Equatable {
        /// The versions of the list; the message must name one of them.
        var versions: [String] = []
        /// Beginnings of the meter's name: the logical device name, or the system title.
        var devices: [String] = []
        /// The number of values.
        var count: Int?
        /// A letter for each value, and a final `*` for any others: see `ListContent.letter`.
        var types: [UInt8]?
    }

    /// The meaning of one value of a list without codes.
    enum Position: Sendable, Equatable {
        case register(OBISCode, power: Int, unit: Unit?)
        case id, device, version, model, clock, skipped
    }

    /// The powers of ten of numbers, by quantity; nil when the number is passed on unchanged, without a unit.
    struct Scales: Sendable, Equatable {
        var energy: Int?
        var power: Int?
        var voltage: Int?
        var current: Int?
        var powerFactor: Int?

        /// The power of ten of a register, and its unit; nil for an unknown quantity.
        func scale(of code: OBISCode) -> (power: Int, unit: Unit?)? {
            guard let dimension = code.dimension else { return nil }
            let power: Int?
            switch dimension {
            case .activeEnergy, .reactiveEnergy, .apparentEnergy: power = energy
            case .activePower, .reactivePower, .apparentPower: power = self.power
            case .voltage: power = voltage
            case .current: power = current
            case .ratio: power = powerFactor
            default: power = nil
            }
            return power.map { ($0, ListUnits.unit(of: dimension)) }
        }
    }

    /// What a meter's clock shows when its time has no offset from UTC.
    enum ClockRule: String, Sendable, CaseIterable {
        /// Local time, with daylight saving where its bit is set.
        case asSent = "local"
        /// The zone's standard time all year round.
        case standard
        /// Local time; an offset of zero means that the offset is missing.
        case zeroIsLocal = "zero-is-local"
    }

    /// Deviations of some meters from the standard.
    enum Quirk: String, Sendable, CaseIterable {
        /// Octets whose tag and length are swapped.
        case swappedTag = "swapped-tag"
        /// SML: a negative power is accepted only when the direction bit of the status word agrees; otherwise the
        /// number is read as unsigned.
        case negativeNeedsDirection = "negative-needs-direction"
        /// SML: only the absolute power is sent, and the status word contains its direction.
        case directionOfAbsolutePower = "direction-of-absolute-power"
    }
}

/// The arrangement of the values in a message.
enum ListShape: String, Sendable, CaseIterable {
    /// First an array that describes the values, then the values (IEC 62056-6-2, push setup).
    case push
    /// An array of descriptions without tags, each with its value.
    case untagged
    /// A structure for each register: code, value and usually scaler and unit.
    case triple
    /// Code, value and usually scaler and unit one after the other.
    case flat
    /// Values without codes.
    case positional
}

/// Cached units: finding a unit by its spelling costs more than reading a value.
enum ListUnits {
    /// The unit for a number in DLMS and SML; nil for a unit of no register.
    static func unit(_ number: UInt8) -> Unit? { byNumber[Int(number)] }

    /// The unit of a quantity, without a prefix.
    static func unit(of dimension: Unit.Dimension) -> Unit? { byDimension[dimension] }

    private static let byNumber: [Unit?] = (0...255).map { number in
        COSEMUnit.symbol(UInt8(number)).flatMap { $0.isEmpty ? nil : Unit($0) }
    }

    private static let byDimension: [Unit.Dimension: Unit] = [
        .activeEnergy: "Wh", .reactiveEnergy: "varh", .apparentEnergy: "VAh", .activePower: "W", .reactivePower: "var",
        .apparentPower: "VA", .voltage: "V", .current: "A", .ratio: "1", .frequency: "Hz",
    ].compactMapValues { Unit($0) }
}
