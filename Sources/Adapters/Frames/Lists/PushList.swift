// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

/// What one kind of meter pushes, as far as its frames do not say it: which value is which register, by what numbers are to be
/// multiplied, how its clock runs. A new meter is one entry in a YAML file.
public struct PushList: Sendable, Equatable {
    /// The name in `list:`: `kaifa-2-3p`.
    public var name: String
    /// How the values stand in the message; nil for every form that has codes.
    var shape: ListShape?
    /// What a message must have.
    var match = Match()
    /// True for a list that nothing in a message tells from others: it counts only where the source names it.
    var isByHand = false
    /// True for a list that is believed only when a law proves it.
    var isGuess = false
    /// What stands where, of a list without codes.
    var positions: [Position] = []
    /// By what numbers without a scaler of their own are multiplied.
    var scales = Scales()
    /// What the meter's clock shows.
    var clock = ClockRule.asSent
    /// What values must agree with each other.
    var laws: [ListLaw] = []
    /// What has to be overlooked in its bytes.
    var quirks: [Quirk] = []

    /// What a message must have to be this list.
    struct Match: Sendable, Equatable {
        /// The version of the list that it names, one of these.
        var versions: [String] = []
        /// How the meter's name begins: the logical device name, or the system title.
        var devices: [String] = []
        /// How many values it has.
        var count: Int?
        /// A letter for each value, `*` behind them for any others: see `ListContent.letter`.
        var types: [UInt8]?
    }

    /// What one value of a list without codes is.
    enum Position: Sendable, Equatable {
        case register(OBISCode, power: Int, unit: Unit?)
        case id, device, version, model, clock, skipped
    }

    /// The powers of ten of numbers, by what they measure; nil where the number is passed on as it is, without a unit.
    struct Scales: Sendable, Equatable {
        var energy: Int?
        var power: Int?
        var voltage: Int?
        var current: Int?
        var powerFactor: Int?

        /// The power of ten of a register, and its unit; nil when nothing is known about it.
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

    /// What a meter's clock shows where its time has no offset from UTC.
    enum ClockRule: String, Sendable, CaseIterable {
        /// Local time, daylight saving as the bit for it says where it is set.
        case asSent = "local"
        /// The zone's standard time all year round.
        case standard
        /// Local time; an offset of zero means that none is given.
        case zeroIsLocal = "zero-is-local"
    }

    /// What some meters do that the standard does not know.
    enum Quirk: String, Sendable, CaseIterable {
        /// Octets whose tag and length stand the other way round.
        case swappedTag = "swapped-tag"
        /// SML: a negative power is believed only when the direction bit of the status word says so too; else it is meant without
        /// a sign.
        case negativeNeedsDirection = "negative-needs-direction"
        /// SML: the absolute power is sent alone, and the status word says in which direction it flows.
        case directionOfAbsolutePower = "direction-of-absolute-power"
    }
}

/// How the values of a message stand in it.
enum ListShape: String, Sendable, CaseIterable {
    /// First an array that describes the values, then the values (IEC 62056-6-2, push setup).
    case push
    /// An array of descriptions without tags, each with its value.
    case untagged
    /// A structure for each register: code, value and, mostly, scaler and unit.
    case triple
    /// Code, value and, mostly, scaler and unit one after the other.
    case flat
    /// Values without codes.
    case positional
}

/// Units by what they are the unit of: made once, since finding one by its spelling costs more than reading a value.
enum ListUnits {
    /// The unit of a number in DLMS and SML; nil for those that no register has.
    static func unit(_ number: UInt8) -> Unit? { byNumber[Int(number)] }

    /// The unit without a prefix.
    static func unit(of dimension: Unit.Dimension) -> Unit? { byDimension[dimension] }

    private static let byNumber: [Unit?] = (0...255).map { number in
        COSEMUnit.symbol(UInt8(number)).flatMap { $0.isEmpty ? nil : Unit($0) }
    }

    private static let byDimension: [Unit.Dimension: Unit] = [
        .activeEnergy: "Wh", .reactiveEnergy: "varh", .apparentEnergy: "VAh", .activePower: "W", .reactivePower: "var",
        .apparentPower: "VA", .voltage: "V", .current: "A", .ratio: "1", .frequency: "Hz",
    ].compactMapValues { Unit($0) }
}
