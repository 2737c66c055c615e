// SPDX-License-Identifier: Apache-2.0
/// The settings of a relay.
public struct RelaySettings: Sendable {
    /// Which of the bridge's own retained messages are read back at start.
    public struct Baseline: Sendable, Equatable {
        /// Filters on the output broker.
        public var filters: [String]
        /// The topic of the marker that ends the retained messages.
        public var markerTopic: String
        /// How long to wait for the marker.
        public var timeout: Duration

        /// A baseline; the default time limit is 5 s.
        public init(filters: [String], markerTopic: String, timeout: Duration = .seconds(5)) {
            self.filters = filters
            self.markerTopic = markerTopic
            self.timeout = timeout
        }
    }

    /// The broker to read messages from.
    public var input: BrokerSettings
    /// The broker to publish results on.
    public var output: BrokerSettings
    /// The client id of the input's persistent session.
    public var inputClientID: String
    /// Client id of the output.
    public var outputClientID: String
    /// Seconds for which the input broker keeps the session while the bridge is away (MQTT 5; with 3.1.1 the broker
    /// decides).
    public var sessionExpiry: UInt32 = 7 * 24 * 3600
    /// The filters to read.
    public var subscriptions: [TopicFilter]
    /// Messages that readers need from time to time on the input broker; nothing else is published there.
    public var questions: [Question] = []
    /// Published by the output broker when the bridge is gone without a farewell.
    public var will: MQTTMessage?
    /// Published after each output CONNACK, before anything else.
    public var birth: [MQTTMessage] = []
    /// Published at a clean shutdown, before DISCONNECT.
    public var farewell: [MQTTMessage] = []
    /// The retained messages to read back; nil: none.
    public var baseline: Baseline?
    /// A topic of `birth` by which the relay finds out after a reconnect whether the output broker still has the
    /// retained messages; nil: they are always published again.
    public var sentinelTopic: String?
    /// The topic on which the input broker counts the messages it dropped; nil: not watched.
    public var dropCounterTopic: String?
    /// The topic of commands, on the output broker, where the results are used. nil: no commands.
    public var commandTopic: String?
    /// Bytes up to which an input payload is handled; of a larger one the handler gets only the beginning, and with
    /// MQTT 5 the broker is asked to discard it.
    public var payloadLimit = 262_144
    /// The topic of dead letters: publications that the output broker refuses for good go there; a refused dead letter
    /// is only counted. nil: such publications are only reported.
    public var deadLetterTopic: String?
    /// Publish everything with QoS 0, for a broker that supports nothing else: a crash loses messages in transit.
    public var acceptsLoss = false
    /// First and longest pause after a temporary refusal.
    public var refusalPause: ClosedRange<Duration> = .seconds(1) ... .seconds(60)
    /// How long to retry a publication that the broker refuses without a reason.
    public var refusalPatience: Duration = .seconds(600)
    /// How to ask for another process of this bridge; nil: do not ask.
    public var presence: Presence?
    /// Maximum number of unacknowledged inputs, and of outputs in flight.
    public var batchLimit = 200
    /// Age of the oldest unacknowledged input at which open groups are flushed.
    public var groupTimeout: Duration = .seconds(2)
    /// After this time without an acknowledgement of an output the connections are reset. Keep it below the keep-alive.
    public var acknowledgementTimeout: Duration = .seconds(15)
    /// How long `stop()` waits for acknowledgements of outputs.
    public var shutdownGrace: Duration = .seconds(5)
    /// Time limit for CONNACK.
    public var connectTimeout: Duration = .seconds(10)
    /// First and longest pause between connection attempts.
    public var reconnectDelay: ClosedRange<Duration> = .milliseconds(200) ... .seconds(30)

    /// Settings with the usual limits; by default the output uses the input's broker.
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
