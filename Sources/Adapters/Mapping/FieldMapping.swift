// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// What the fields of a reader's JSON, or its topics with one value each, mean: a reader that sends those needs a YAML file
/// and no Swift.
public struct FieldMapping: Sendable, Equatable {
    /// The name in `adapter:` (shipped) or its file's: `homewizard`.
    public var name: String
    /// The reader it is for, in a few words.
    public var summary: String
    /// The topic filters that the reader usually publishes on.
    public var filters: [String]
    /// How a topic ends whose payload is the value of one field: `{field}`, `sensor/{field}/state`.
    var endings: [TopicEnding]
    /// Fields at a place in the JSON, in the order of the file.
    var pointed: [Field]
    /// Fields with a name: a topic's, a member's of the outermost object, or a `name` in an array of names and values.
    var named: [String: Field]
    /// Whose clock the reader's time is.
    var clock = Telegram.Clock.source
    /// Where the fields stand in the JSON, the first that is there; empty for the outermost value.
    var roots: [JSONPointer] = []
    /// How the payload is written.
    var notation = Notation.json
    /// True when one message may bring one field only: those that come together are one telegram.
    var isGathered = false
    /// True when all topics of a source are one device, whatever its wildcards match.
    var isOneDevice = false
    /// True when a number with a point in it is another reader's.
    var isWhole = false
    /// Digits behind the point that the reader's numbers really have; nil to take them as they are.
    var decimals: Int?
    /// Words that stand for no value.
    var absentWords: Set<String> = []
    /// Endings of topics on which the reader says whether it is there.
    var availabilityTopics: [String] = []
    /// What the JSON must say to be meter data.
    var conditions: [Condition] = []
    /// What the M-Bus channels measure whose type the reader does not send.
    var submeters: [Int: Submeter.Medium] = [:]

    /// How a payload is written.
    enum Notation: String, Sendable, CaseIterable {
        /// JSON, or a bare value where the topic names the field.
        case json
        /// Values without names, told apart by their position: `/0`, `/1` ….
        case positions
    }

    /// One field.
    struct Field: Sendable, Equatable {
        /// Its name, or the text of its pointer.
        var key: String
        /// Where it stands; nil for a name.
        var pointer: JSONPointer?
        var meaning: Meaning
        /// What the JSON must say for the field to count.
        var conditions: [Condition] = []
    }

    /// What a field is.
    enum Meaning: Sendable, Equatable {
        case register(Register)
        /// The meter's id; in hexadecimal as 0-0:96.1.1 of a P1 telegram has it.
        case id(isHexadecimalText: Bool)
        case clock(FieldTime.Form)
        /// The M-Bus channel that the whole message is about; 0 is the meter itself.
        case channel
        /// The time of a register's value: gas.
        case time(of: OBISCode, FieldTime.Form)
        case manufacturer
        case model
        case submeterID(channel: Int)
        /// The type of an M-Bus device as 0-n:24.1.0 has it.
        case submeterType(channel: Int)
        case ignored
    }

    /// A register as the reader sends it.
    struct Register: Sendable, Equatable {
        var code: OBISCode
        /// The unit of a number to which the payload adds none; nil for texts and plain numbers.
        var unit: Unit?
        /// What the number has to be multiplied with to be in `unit`.
        var factor: ExactDecimal?
        var decimals: Int?
        /// True when the reader sends 0 for a register that the meter did not send.
        var isZeroAbsent = false
        /// True when it counts only for a reader that does not send this M-Bus register with its channel.
        var isFallback = false
    }

    /// A value that the JSON must have.
    struct Condition: Sendable, Equatable {
        var pointer: JSONPointer
        var words: [String]
        /// True when it must not have it.
        var isExcluded = false

        func holds(in root: JSONValue) -> Bool {
            let isThere = pointer.value(in: root).map { words.contains($0.literal.string) } ?? false
            return isThere != isExcluded
        }
    }

    /// The ids of the meter come in messages of their own.
    var sendsIDSeparately: Bool {
        let fields = Array(named.values) + (pointed.first?.meaning == .channel ? pointed : [])
        return isGathered
            && fields.contains {
                if case .id = $0.meaning { return true }
                return false
            }
    }
}
