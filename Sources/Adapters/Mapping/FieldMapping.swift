// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// What the fields of a reader's JSON, or its topics with one value each, mean: a reader that sends those needs a YAML file
/// and no Swift.
public struct FieldMapping: Sendable, Equatable {
    /// The name in `adapter:` (shipped) or its file's: `homewizard`.
    public var name: String
    /// The reader it is for, in a few words.
    public var summary = ""
    /// The topic filters that the reader usually publishes on.
    public var filters: [String] = []
    /// How its topics end.
    var templates: [TopicTemplate] = []
    /// The fields, in the order of the file; those with the same key are alternatives.
    var fields: [Field] = [] {
        didSet { index = FieldIndex(fields) }
    }
    /// The same by the way they are found.
    private(set) var index = FieldIndex([])
    /// Units of names that are OBIS codes; nil when such names mean nothing.
    var codes: CodeUnits?
    /// Registers that are the sum of others.
    var sums: [RegisterSum] = []
    /// Whose clock the reader's time is.
    var clock = Telegram.Clock.source
    /// Where the named fields stand in the JSON, the first that is there; empty for the outermost value.
    var roots: [JSONPointer] = []
    /// Objects of the JSON of which each is a device.
    var deviceRoots: [DeviceRoot] = []
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
    /// Where the reader wants to be asked from time to time, with `{device}` for the first level that is a device; nil for one that
    /// speaks for itself. A source has to say so: this is what `discover` proposes.
    var ask: String?
    /// By what a payload is recognisably this reader's; nil for one that only its usual topics tell.
    var recognition: Recognition?
    /// True for a mapping that comes with the program, which has words for more firmware than one.
    public var isShipped = false

    init(name: String) { self.name = name }

    /// How a payload is written.
    enum Notation: String, Sendable, CaseIterable {
        /// JSON, or a bare value where the topic names the field.
        case json
        /// Values without names, told apart by their position: `/0`, `/1` ….
        case positions
    }

    /// One field.
    struct Field: Sendable, Equatable {
        /// Where it stands.
        var key: FieldKey
        var meaning: Meaning
        /// What the JSON must say for the field to count.
        var conditions: [Condition] = []

        func counts(in root: JSONValue?) -> Bool {
            conditions.allSatisfy { condition in root.map { condition.holds(in: $0) } ?? condition.isExcluded }
        }
    }

    /// What a field is.
    indirect enum Meaning: Sendable, Equatable {
        case register(Register)
        /// The meter's id; in hexadecimal as 0-0:96.1.1 of a P1 telegram has it.
        case id(isHexadecimalText: Bool)
        case clock(FieldTime.Form)
        /// `S` or `W` beside a local time: which of the two hours of autumn it is.
        case season
        /// The M-Bus channel that the whole message is about; 0 is the meter itself.
        case channel
        /// The time of a register's value: gas.
        case time(of: OBISCode, FieldTime.Form)
        /// The OBIS code of the values whose names have the same words for `+`.
        case code
        /// A value whose register a field `code` has named.
        case value
        /// The unit of the value whose name has the same words.
        case unit
        /// Several values in one text.
        case parts(separator: String, [Meaning])
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
            // A star stands for any value.
            let isThere =
                pointer.value(in: root).map { words.contains("*") || words.contains($0.literal.string) } ?? false
            return isThere != isExcluded
        }
    }

    /// A register that is the sum of others of one device.
    struct RegisterSum: Sendable, Equatable {
        var code: OBISCode
        var terms: [Term]

        struct Term: Sendable, Equatable {
            var code: OBISCode
            var isSubtracted = false
        }
    }

    /// Members of an object of which each is a device: `/params/em1:{id}`.
    struct DeviceRoot: Sendable, Equatable {
        /// The object.
        var object: JSONPointer
        /// What its members are called.
        var member: TopicTemplate.Level
    }

    /// True when neither a field nor a topic says which meter it is.
    var hasNoID: Bool {
        !templates.contains(where: \.hasID) && codes == nil
            && !fields.contains { field in if case .id = field.meaning { true } else { false } }
    }

    /// The ids of the meter come in messages of their own.
    var sendsIDSeparately: Bool {
        guard !templates.contains(where: \.hasID) else { return false }
        return (isGathered || index.hasScopes)
            && fields.contains { field in
                if case .id = field.meaning { return field.key.name != nil || index.hasChannel }
                return false
            }
    }
}

/// The fields of a mapping by the way they are found.
struct FieldIndex: Sendable, Equatable {
    /// By a name without wildcard.
    private(set) var named: [String: [FieldMapping.Field]] = [:]
    /// Names with wildcards.
    private(set) var patterns: [FieldMapping.Field] = []
    /// Pointers that count on every topic, `channel` first: what the other fields mean depends on it.
    private(set) var pointed: [FieldMapping.Field] = []
    /// Pointers that count on the topics of a name.
    private(set) var scoped: [FieldMapping.Field] = []
    /// How the names look.
    private(set) var shape = TopicTemplate.Shape()
    private var scopes: Set<String> = []
    /// How many registers the mapping reads of an object.
    private var registers: [String: Int] = [:]

    init(_ fields: [FieldMapping.Field]) {
        var names: [[Substring]] = []
        for field in fields {
            guard case .register = field.meaning, let place = field.key.pointer?.place else { continue }
            registers[place.object, default: 0] += 1
        }
        for field in fields {
            if let name = field.key.name { names.append(name.text.split(separator: "/")) }
            switch (field.key.name, field.key.pointer) {
            case (nil, _): pointed.insert(field, at: field.meaning == .channel ? 0 : pointed.count)
            case (let name?, nil) where name.hasWildcard: patterns.append(field)
            case (let name?, nil): named[name.text, default: []].append(field)
            case (let name?, .some):
                scoped.append(field)
                if !name.hasWildcard { scopes.insert(name.text) }
            }
        }
        shape.isFlat = names.allSatisfy { $0.count == 1 }
        if let first = names.first {
            shape.common =
                first.indices.prefix { index in
                    first[index] != "+" && names.allSatisfy { $0.count > index + 1 && $0[index] == first[index] }
                }.count
        }
    }

    var isEmpty: Bool { named.isEmpty && patterns.isEmpty && pointed.isEmpty && scoped.isEmpty }
    var hasNames: Bool { !named.isEmpty || !patterns.isEmpty }
    var hasScopes: Bool { !scoped.isEmpty }
    var hasChannel: Bool { pointed.first?.meaning == .channel }

    /// True for an object of which a single number is read.
    func isAlone(in object: String) -> Bool { registers[object] == 1 }

    /// True for a name that a field has, alone or before a pointer.
    func knows(_ name: String) -> Bool {
        named[name] != nil || scopes.contains(name)
            || (patterns + scoped).contains { $0.key.name?.word(of: name) != nil }
    }

    /// The alternatives of a name.
    func fields(named name: String) -> [FieldMapping.Field] {
        named[name] ?? patterns.filter { $0.key.name?.word(of: name) != nil }
    }
}
