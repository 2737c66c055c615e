// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer
import History
import Inputs
import MQTT
import Machine
import PlugTest

/// `bridge.yaml`, checked.
struct Configuration: Sendable {
    /// The file it was read from, as the user wrote it; nil for one that is no file.
    var file: String?
    /// The bridge's name, a topic level.
    var bridge: String
    var input: BrokerConfiguration
    var output: BrokerConfiguration
    var sources: [Source]
    /// The sources that are not read from the broker, with where they are read.
    var inputs: [InputSettings] = []
    /// What each source subscribes to, with its QoS.
    var subscriptions: [MQTT.TopicFilter]
    /// What sources want their readers to be told: `ask`.
    var questions: [Question] = []
    var meters: [MeterEntry]
    var profile: Profile
    var limits: Limits
    /// The share of the devices that this process handles.
    var partition: Partition
    /// What is published besides the harmonised profile.
    var outputs: Outputs
    var log: LogSettings
    /// Where HTTP is answered; nil for nowhere.
    var http: WebSettings?
    /// What is kept of the readings, and where; nil for nothing.
    var history: HistoryWriter.Settings?
    /// Where readings are written besides; nil for nowhere.
    var influx: InfluxSettings?
    /// What a plug-test with it is about.
    var plugTest = PlugTestSettings()
    /// `about:` of its sources.
    var about: [String: About] = [:]
    /// True for `sources: auto`.
    var isAutomatic = false
    /// What that adopted, as YAML; nil while it has nothing.
    var adopted: String?
    /// Mappings and dictionaries beside it.
    var ownReaders = OwnReaders()

    /// What a plug-test is made from.
    var plugTestSetup: PlugTestSetup { PlugTestSetup(pipeline: pipelineSettings, settings: plugTest, about: about) }

    /// What the pipeline is made from.
    var pipelineSettings: Pipeline.Settings {
        Pipeline.Settings(
            bridge: bridge, profile: profile, sources: sources, meters: meters, limits: limits, partition: partition,
            outputs: outputs)
    }

    /// The same for the program that commands are sent to: what it says names its file.
    var runSettings: Pipeline.Settings {
        var settings = pipelineSettings
        settings.commandOptions =
            file.map { $0 == ConfigurationPath.service ? "" : " --config \(ShellWord.quoted($0))" } ?? ""
        return settings
    }
}

/// A `broker:` entry.
struct BrokerConfiguration: Sendable, Equatable {
    var settings: BrokerSettings
    var clientID: String
    /// True when the configuration names the client id, false when it is made of the bridge's name.
    var hasOwnClientID = false
    /// True when everything is published with QoS 0, which loses what is on its way in a crash.
    var acceptsLoss = false
    /// Seconds that the broker keeps the session of an absent bridge.
    var sessionExpiry: UInt32
    /// Where it stands: `broker (bridge.yaml:2)`.
    var place: String
    /// What to do when it lets nobody in: `check password_file (bridge.yaml:2)`.
    var advice: String

    /// True when both name one broker, as far as names tell.
    func isSameBroker(_ other: BrokerConfiguration) -> Bool {
        settings.host == other.settings.host && settings.port == other.settings.port
    }
}
