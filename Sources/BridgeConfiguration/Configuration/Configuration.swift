// SPDX-License-Identifier: Apache-2.0
package import Adapters
package import Harmonizer
package import History
package import Inputs
package import MQTT
import Machine
package import PlugTest

/// `bridge.yaml`, checked.
package struct Configuration: Sendable {
    /// The file it was read from, as the user wrote it; nil for one that is no file.
    package var file: String?
    /// The bridge's name, a topic level.
    package var bridge: String
    package var input: BrokerConfiguration
    package var output: BrokerConfiguration
    package var sources: [Source]
    /// The sources that are not read from the broker, with where they are read.
    package var inputs: [InputSettings] = []
    /// What each source subscribes to, with its QoS.
    package var subscriptions: [MQTT.TopicFilter]
    /// What sources want their readers to be told: `ask`.
    package var questions: [Question] = []
    var meters: [MeterEntry]
    package var profile: Profile
    package var limits: Limits
    /// The share of the devices that this process handles.
    package var partition: Partition
    /// What is published besides the harmonised profile.
    package var outputs: Outputs
    package var log: LogSettings
    /// Where HTTP is answered; nil for nowhere.
    package var http: WebSettings?
    /// What is kept of the readings, and where; nil for nothing.
    package var history: HistoryWriter.Settings?
    /// Where readings are written besides; nil for nowhere.
    package var influx: InfluxSettings?
    /// What a plug-test with it is about.
    var plugTest = PlugTestSettings()
    /// `about:` of its sources.
    var about: [String: About] = [:]
    /// True for `sources: auto`.
    package var isAutomatic = false
    /// What that adopted, as YAML; nil while it has nothing.
    package var adopted: String?
    /// Mappings and dictionaries beside it.
    package var ownReaders = OwnReaders()

    /// What a plug-test is made from.
    package var plugTestSetup: PlugTestSetup {
        PlugTestSetup(pipeline: pipelineSettings, settings: plugTest, about: about)
    }

    /// What the pipeline is made from.
    package var pipelineSettings: Pipeline.Settings {
        Pipeline.Settings(
            bridge: bridge, profile: profile, sources: sources, meters: meters, limits: limits, partition: partition,
            outputs: outputs)
    }

    /// The same for the program that commands are sent to: what it says names its file.
    package var runSettings: Pipeline.Settings {
        var settings = pipelineSettings
        settings.commandOptions =
            file.map { $0 == ConfigurationPath.service ? "" : " --config \(ShellWord.quoted($0))" } ?? ""
        return settings
    }
}

/// A `broker:` entry.
package struct BrokerConfiguration: Sendable, Equatable {
    package var settings: BrokerSettings
    package var clientID: String
    /// True when the configuration names the client id, false when it is made of the bridge's name.
    package var hasOwnClientID = false
    /// True when everything is published with QoS 0, which loses what is on its way in a crash.
    package var acceptsLoss = false
    /// Seconds that the broker keeps the session of an absent bridge.
    package var sessionExpiry: UInt32
    /// Where it stands: `broker (bridge.yaml:2)`.
    var place: String
    /// What to do when it lets nobody in: `check password_file (bridge.yaml:2)`.
    package var advice: String

    /// True when both name one broker, as far as names tell.
    func isSameBroker(_ other: BrokerConfiguration) -> Bool {
        settings.host == other.settings.host && settings.port == other.settings.port
    }
}
