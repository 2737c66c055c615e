// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The meaning of the fields in a reader's JSON, or of its topics with one value each: such a reader needs a YAML file
/// and no Swift.
public struct FieldMapping: Sendable, Equatable {
    /// The name in `adapter:` (shipped) or of its file: `homewizard`.
    public var name: String
    /// A short description of the reader.
    public var summary = ""
    /// The topic filters of the reader's default topics.
    public var filters: [String] = []
    /// The endings of its topics.
    var templates: [TopicTemplate] = []
    /// The fields, in the order of the file; fields with the same key are alternatives.
    var fields: [Field] = [] {
        didSet { index = FieldIndex(fields) }
    }
    /// The fields, indexed for lookup.
    private(set) var index = FieldIndex([])
    /// The units of names that are OBIS codes; nil when such names have no meaning.
    var codes: CodeUnits?
    /// Registers that are the sum of others.
    var sums: [RegisterSum] = []
    /// The clock behind the reader's time.
    var clock = Telegram.Clock.source
    /// The positions of the named fields in the JSON; the first that exists is used; empty for the outermost value.
    var roots: [JSONPointer] = []
    /// Objects in the JSON whose members are devices.
    var deviceRoots: [DeviceRoot] = []
    /// The notation of the payload.
    var notation = Notation.json
    /// True when a message may contain only one field: fields that arrive together form one telegram.
    var isGathered = false
    /// True when all topics of a source belong to one device, whatever its wildcards match.
    var isOneDevice = false
    /// True when a number with a decimal point comes from another reader.
    var isWhole = false
    /// The real precision of the reader's numbers in decimals; nil: as sent.
    var decimals: Int?
    /// Words that mean a missing value.
    var absentWords: Set<String> = []
    /// Endings of the topics on which the reader reports its presence.
    var availabilityTopics: [String] = []
    /// Conditions on the JSON for meter data.
    var conditions: [Condition] = []
    /// The media of M-Bus channels, for readers that do not send the device type.
    var submeters: [Int: Submeter.Medium] = [:]
    /// The topic on which the reader needs requests from time to time, with `{device}` for the first level of a device;
    /// nil for a reader that publishes by itself. A source must configure it: this is the proposal of `discover`.
    var ask: String?
    /// The features that identify a payload as this reader's; nil when only its default topics do.
    var recognition: Recognition?
    /// True for a shipped mapping, which has fields for several firmware versions.
    public var isShipped = false

    init(name: String) { self.name = name }

    /// The notation of a payload.
    enum Notation: String, Sendable, CaseIterable {
        /// JSON, or a single value when the topic names the field.
        case json
        /// Values without names, identified by position: `/0`, `/1` ….
        case positions
    }

    /// One field.
    struct Field: Sendable, Equatable {
        /// The key of the field.
        var key: FieldKey
        var meaning: Meaning
        /// Conditions on the JSON for using the field.
        var conditions: [Condition] = []

        func counts(in root: JSONValue?) -> Bool {
            conditions.allSatisfy { condition in root.map { condition.holds(in: $0) } ?? condition.isExcluded }
        }
    }

    /// The meaning of a field.
    indirect enum Meaning: Sendable, Equatable {
        case register(Register)
        /// The meter's id; in hexadecimal as in 0-0:96.1.1 of a P1 telegram.
        case id(isHexadecimalText: Bool)
        case clock(FieldTime.Form)
        /// `S` or `W` beside a local time: distinguishes the two hours in autumn.
        case season
        /// The M-Bus channel of the whole message; 0 is the meter itself.
        case channel
        /// The time of a register's value, as with gas.
        case time(of: OBISCode, FieldTime.Form)
        /// The OBIS code of values whose names have the same words for `+`.
        case code
        /// A value whose register is named by a field `code`.
        case value
        /// The unit of the value whose name has the same words.
        case unit
        /// Several values in one text.
        case parts(separator: String, [Meaning])
        case manufacturer
        case model
        case submeterID(channel: Int)
        /// The type of an M-Bus device, as in 0-n:24.1.0.
        case submeterType(channel: Int)
        case ignored
    }

    /// A register in the form that the reader sends.
    struct Register: Sendable, Equatable {
        var code: OBISCode
        /// The unit of a number without a unit in the payload; nil for texts and plain numbers.
        var unit: Unit?
        /// The factor that converts the number to `unit`.
        var factor: ExactDecimal?
        var decimals: Int?
        /// True when the reader sends 0 for a register that the meter does not send.
        var isZeroAbsent = false
        /// True when it is used only for a reader that does not send this M-Bus register with its channel.
        var isFallback = false
    }

    /// A condition on a value in the JSON.
    struct Condition: Sendable, Equatable {
        var pointer: JSONPointer
        var words: [String]
        /// True when the value must not match.
        var isExcluded = false

        func holds(in root: JSONValue) -> Bool {
            // A star matches any value.
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

    /// Members of an object that are devices: `/params/em1:{id}`.
    struct DeviceRoot: Sendable, Equatable {
        /// The object.
        var object: JSONPointer
        /// The pattern of its members' names.
        var member: TopicTemplate.Level
    }

    /// True when neither a field nor a topic contains the meter's id.
    var hasNoID: Bool {
        !templates.contains(where: \.hasID) && codes == nil
            && !fields.contains { field in if case .id = field.meaning { true } else { false } }
    }

    /// True when separate messages contain the ids of the meter.
    var sendsIDSeparately: Bool {
        guard !templates.contains(where: \.hasID) else { return false }
        return (isGathered || index.hasScopes)
            && fields.contains { field in
                if case .id = field.meaning { return field.key.name != nil || index.hasChannel }
                return false
            }
    }
}

/// The fields of a mapping, indexed for lookup.
struct FieldIndex: Sendable, Equatable {
    /// The fields by name, without wildcards.
    private(set) var named: [String: [FieldMapping.Field]] = [:]
    /// The fields whose names have wildcards.
    private(set) var patterns: [FieldMapping.Field] = []
    /// Pointers that apply to every topic, `channel` first: the meaning of the other fields depends on it.
    private(set) var pointed: [FieldMapping.Field] = []
    /// Pointers that apply to the topics of a name.
    private(set) var scoped: [FieldMapping.Field] = []
    /// The shape of the names.
    private(set) var shape = TopicTemplate.Shape()
    private var scopes: Set<String> = []
    /// The number of registers that the mapping reads from each object.
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

    /// True for an object from which only one number is read.
    func isAlone(in object: String) -> Bool { registers[object] == 1 }

    /// True for the name of a field, alone or before a pointer.
    func knows(_ name: String) -> Bool {
        named[name] != nil || scopes.contains(name)
            || (patterns + scoped).contains { $0.key.name?.word(of: name) != nil }
    }

    /// The alternatives for a name.
    func fields(named name: String) -> [FieldMapping.Field] {
        named[name] ?? patterns.filter { $0.key.name?.word(of: name) != nil }
    }
}
