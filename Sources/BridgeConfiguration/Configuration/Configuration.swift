// SPDX-License-Identifier: Apache-2.0
package import Adapters
package import Harmonizer
package import History
package import Inputs
package import MQTT
import Machine
package import PlugTest

/// A checked `bridge.yaml`.
package struct Configuration: Sendable {
    /// The path of the file, as the user wrote it; nil when the configuration is not from a file.
    package var file: String?
    /// The bridge's name, a topic level.
    package var bridge: String
    package var input: BrokerConfiguration
    package var output: BrokerConfiguration
    package var sources: [Source]
    /// The inputs of the sources that are not read from the broker.
    package var inputs: [InputSettings] = []
    /// The subscriptions of all sources, with QoS.
    package var subscriptions: [MQTT.TopicFilter]
    /// The messages that sources send to their readers: `ask`.
    package var questions: [Question] = []
    var meters: [MeterEntry]
    package var profile: Profile
    package var limits: Limits
    /// The share of the devices that this process handles.
    package var partition: Partition
    /// The outputs besides the harmonised profile.
    package var outputs: Outputs
    package var log: LogSettings
    /// The HTTP server; nil for none.
    package var http: WebSettings?
    /// The history of readings; nil for none.
    package var history: HistoryWriter.Settings?
    /// The InfluxDB to which readings are written; nil for none.
    package var influx: InfluxSettings?
    /// The settings of a plug-test: `plugtest`.
    var plugTest = PlugTestSettings()
    /// `about:` by source.
    var about: [String: About] = [:]
    /// True for `sources: auto`.
    package var isAutomatic = false
    /// The sources that `sources: auto` adopted, as YAML; nil while it has none.
    package var adopted: String?
    /// Mappings and dictionaries in the folders beside the configuration.
    package var ownReaders = OwnReaders()

    /// The setup of a plug-test with this configuration.
    package var plugTestSetup: PlugTestSetup {
        PlugTestSetup(pipeline: pipelineSettings, settings: plugTest, about: about)
    }

    /// The settings of the pipeline.
    package var pipelineSettings: Pipeline.Settings {
        Pipeline.Settings(
            bridge: bridge, profile: profile, sources: sources, meters: meters, limits: limits, partition: partition,
            outputs: outputs)
    }

    /// The settings of the pipeline in `run`, which receives commands: its answers name the configuration file.
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
    /// True when the configuration names the client id, false when it is made from the bridge's name.
    package var hasOwnClientID = false
    /// True when everything is published with QoS 0, which loses messages in flight in a crash.
    package var acceptsLoss = false
    /// Seconds for which the broker keeps the session of an absent bridge.
    package var sessionExpiry: UInt32
    /// The place in the file: `broker (bridge.yaml:2)`.
    var place: String
    /// The advice for a refused login: `check password_file (bridge.yaml:2)`.
    package var advice: String

    /// True when both have the same host name and port.
    func isSameBroker(_ other: BrokerConfiguration) -> Bool {
        settings.host == other.settings.host && settings.port == other.settings.port
    }
}
