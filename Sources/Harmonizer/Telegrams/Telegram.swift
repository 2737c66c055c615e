// SPDX-License-Identifier: Apache-2.0

/// What one message reports about one meter, in OBIS codes: the output of an adapter.
public struct Telegram: Sendable, Equatable {
    /// The device within the source when the payload, not the topic, names it; nil for the topic's.
    public var device: String?
    /// The meter's id as received; nil when this message carries none.
    public var id: RawID?
    /// The time as received; nil when this message carries none.
    public var time: RawTime?
    /// Whose clock `time` comes from.
    public var clock: Clock
    /// True when a telegram may come in several messages, one register each: those with the same time are one reading.
    public var isPart: Bool
    /// The registers, in the order of the wire.
    public var observations: [Observation]
    /// M-Bus devices behind this meter (gas, water, heat).
    public var submeters: [Submeter]
    /// Manufacturer and model of the meter, which are not registers.
    public var model: MeterModel?
    /// The repairs that this message needed to be readable at all: a CRC that was valid only after line ends were
    /// restored, a brace that was missing. Each becomes a fix of the reading.
    public var repairs: [Fix]
    /// What the decoder has to know of the sender after a restart: stored with the meter in `state`.
    public var memory: SenderMemory?

    /// Makes a telegram.
    public init(
        device: String? = nil, id: RawID? = nil, time: RawTime? = nil, clock: Clock = .source, isPart: Bool = false,
        observations: [Observation] = [], submeters: [Submeter] = [], model: MeterModel? = nil, repairs: [Fix] = []
    ) {
        self.device = device
        self.id = id
        self.time = time
        self.clock = clock
        self.isPart = isPart
        self.observations = observations
        self.submeters = submeters
        self.model = model
        self.repairs = repairs
    }

    /// Whose clock a time comes from.
    public enum Clock: String, Sendable {
        /// The meter's own.
        case meter
        /// The reader's, at the moment of publishing.
        case source
        /// This bridge's, at the moment of arrival.
        case bridge
    }
}

/// What a decoder remembers of a sender, such as the counters of its encrypted frames.
public struct SenderMemory: Sendable, Equatable {
    /// The sender's name on the wire: a system title.
    public var sender: String
    /// A text that only the decoder understands.
    public var text: String

    /// Makes a memory.
    public init(sender: String, text: String) {
        self.sender = sender
        self.text = text
    }
}

/// A meter id as received.
public struct RawID: Sendable, Hashable {
    /// The text as received, hexadecimal when the source sent hexadecimal.
    public var text: String
    /// True when the format says that `text` is ASCII in hexadecimal (0-0:96.1.1 of a P1 telegram).
    public var isHexadecimalText: Bool

    /// Makes a raw id.
    public init(_ text: String, isHexadecimalText: Bool = false) {
        self.text = text
        self.isHexadecimalText = isHexadecimalText
    }
}

/// A device on the meter's M-Bus.
public struct Submeter: Sendable, Hashable {
    /// M-Bus channel, 1…4: the B of its registers.
    public var channel: Int
    /// What it measures.
    public var medium: Medium
    /// Its id, decoded; nil when the telegram has none.
    public var id: String?

    /// Makes a submeter.
    public init(channel: Int, medium: Medium, id: String?) {
        self.channel = channel
        self.medium = medium
        self.id = id
    }

    /// Device types of DSMR P1 (0-n:24.1.0, from EN 13757-3).
    public enum Medium: String, Sendable {
        case electricity, gas, heat, cooling, water, other
        case warmWater = "warm-water"
    }
}

/// The manufacturer and model of a meter.
public struct MeterModel: Sendable, Hashable {
    /// The three letters of the identification (`KFM`), or a name; nil when unknown.
    public var manufacturer: String?
    /// The identification as received: `KFM5KAIFA-METER`.
    public var model: String?

    /// Makes a model.
    public init(manufacturer: String? = nil, model: String? = nil) {
        self.manufacturer = manufacturer
        self.model = model
    }
}
