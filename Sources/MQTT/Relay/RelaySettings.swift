// SPDX-License-Identifier: Apache-2.0
/// Everything the relay needs to know.
public struct RelaySettings: Sendable {
    /// Which of the bridge's own retained messages are read back at start.
    public struct Baseline: Sendable, Equatable {
        /// Filters on the output broker.
        public var filters: [String]
        /// The topic of the marker that ends the retained messages.
        public var markerTopic: String
        /// How long to wait for the marker.
        public var timeout: Duration

        /// A baseline; 5 s unless told.
        public init(filters: [String], markerTopic: String, timeout: Duration = .seconds(5)) {
            self.filters = filters
            self.markerTopic = markerTopic
            self.timeout = timeout
        }
    }

    /// Where messages come from.
    public var input: BrokerSettings
    /// Where results go.
    public var output: BrokerSettings
    /// Names the persistent session of the input.
    public var inputClientID: String
    /// Client id of the output.
    public var outputClientID: String
    /// Seconds the input broker keeps the session while the bridge is away (MQTT 5; with 3.1.1 the broker decides).
    public var sessionExpiry: UInt32 = 7 * 24 * 3600
    /// What is read.
    public var subscriptions: [TopicFilter]
    /// What readers are told from time to time on the input broker; nothing else is published there.
    public var questions: [Question] = []
    /// Published by the output broker when the bridge vanishes.
    public var will: MQTTMessage?
    /// Published after each output CONNACK, before anything else.
    public var birth: [MQTTMessage] = []
    /// Published at a clean shutdown, before DISCONNECT.
    public var farewell: [MQTTMessage] = []
    /// nil: nothing is read back.
    public var baseline: Baseline?
    /// A topic of `birth` by which the relay sees after a reconnect whether the output broker still has what was retained; nil:
    /// it never has.
    public var sentinelTopic: String?
    /// Where the input broker counts the messages it dropped; nil: not asked for.
    public var dropCounterTopic: String?
    /// Where commands come from, on the output broker: it is there that the results are wanted. nil: none are taken.
    public var commandTopic: String?
    /// Bytes of an input payload that is handled; of a larger one only the beginning comes to the handler, and with MQTT 5 the
    /// broker is told to discard it.
    public var payloadLimit = 262_144
    /// The topic of dead letters: what the output broker refuses for good goes there, and what it refuses of that is counted. nil: it
    /// is only reported.
    public var deadLetterTopic: String?
    /// Everything is published with QoS 0, which a broker that takes nothing else demands: a crash loses what was on its way.
    public var acceptsLoss = false
    /// First and longest pause after a refusal that may pass.
    public var refusalPause: ClosedRange<Duration> = .seconds(1) ... .seconds(60)
    /// How long a publication is tried that the broker refuses without a reason.
    public var refusalPatience: Duration = .seconds(600)
    /// How another process of this bridge is asked for; nil: it is not.
    public var presence: Presence?
    /// Unacknowledged inputs, and outputs in flight, at most.
    public var batchLimit = 200
    /// Age of the oldest unacknowledged input at which open groups are flushed.
    public var groupTimeout: Duration = .seconds(2)
    /// Without any output acknowledged for this long the connections are reset. Keep it below the keep-alive.
    public var acknowledgementTimeout: Duration = .seconds(15)
    /// How long `stop()` waits for outputs.
    public var shutdownGrace: Duration = .seconds(5)
    /// The CONNACK must have arrived by then.
    public var connectTimeout: Duration = .seconds(10)
    /// First and longest pause between connection attempts.
    public var reconnectDelay: ClosedRange<Duration> = .milliseconds(200) ... .seconds(30)

    /// Settings with the usual limits; the output is the input's broker unless told.
    public init(
        input: BrokerSettings, output: BrokerSettings? = nil, inputClientID: String, outputClientID: String,
        subscriptions: [TopicFilter], will: MQTTMessage? = nil, birth: [MQTTMessage] = [],
        farewell: [MQTTMessage] = [], baseline: Baseline? = nil
    ) {
        self.input = input
        self.output = output ?? input
        self.inputClientID = inputClientID
        self.outputClientID = outputClientID
        self.subscriptions = subscriptions
        self.will = will
        self.birth = birth
        self.farewell = farewell
        self.baseline = baseline
    }
}
