// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Harmonizer
import MQTT
import Machine
import PlugTest

/// Reads `bridge.yaml` with every file it names: profile, label dictionaries, password files. All mistakes in them are
/// reported in one pass.
package struct ConfigurationLoader {
    package let problems: ProblemList
    package let environment: [String: String]
    /// The log format of the command line, which overrides the file's.
    let logFormat: LogFormat?
    /// False for a command that needs only the broker, such as `discover`.
    package var needsSources = true
    /// True in a container, whose host name changes at each start.
    package var isInContainer = false
    /// The sources that `sources: auto` adopted, as YAML; nil while it has none.
    package var adopted: String?
    /// All files that were looked up, including missing ones: a change of any of them may change the configuration.
    package let files = NamedFiles()

    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment, problems: ProblemList = ProblemList(),
        logFormat: LogFormat? = nil
    ) {
        self.logFormat = logFormat
        self.environment = environment
        self.problems = problems
    }

    /// The configuration of a file; nil when a mistake, which is in `problems`, makes it unusable.
    package func load(path: String) -> Configuration? {
        files.note(path)
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            problems.error(SourceMark(file: path), "cannot read this file: \(UnreadableFile.reason(path))")
            return nil
        }
        var configuration = load(text, file: path)
        configuration?.file = path
        return configuration
    }

    package func load(_ text: String, file: String) -> Configuration? {
        guard let root = YAMLLoader.load(text, file: file, environment: { environment[$0] }, problems: problems) else {
            return nil
        }
        return load(root, file: file)
    }

    /// - Parameter file: the file to which the names of other files are relative.
    func load(_ root: YAMLNode, file: String) -> Configuration? {
        let before = problems.problems.count
        var map = YAMLReader(root, what: "the configuration", at: root.mark, problems: problems)
        let files = FileFinder(configuration: file, named: files)
        let partition = partition(&map)
        let bridge = bridgeName(&map, partition: partition)
        // Without a valid profile the rest of the file is checked against the shipped one.
        let profile = ProfileFinder(problems: problems, files: files).profile(map.node("profile"))
        // Every process has its own session: the default name of a bridge already contains the partition's number.
        let client =
            partition == .whole || map.member("bridge") == nil ? bridge : "\(bridge)-\(partition.index)"
        let brokers = BrokerReader(problems: problems, files: files)
        let input = brokers.read(map.node("broker"), what: "broker", at: root.mark, client: "\(client)-in")
        let output = map.node("output_broker").map {
            brokers.read($0, what: "output_broker", at: root.mark, client: "\(client)-out")
        }
        let zones = ZoneReader(problems: problems)
        let zone = map.node("zone").flatMap { zones.read($0) }
        let table = map.node("meters_file").flatMap { node -> YAMLNode? in
            guard let name = node.text("meters_file", problems: problems) else { return nil }
            return MetersFile(problems: problems, path: files.path(name)).read(at: node.mark)
        }
        let meters = MetersReader(problems: problems, zones: zones, tariffNames: profile?.tariffNames).read(
            [map.node("meters"), table].compactMap(\.self))
        let own = OwnReadersFolder(files: files).read { problems.error($0, $1) }
        let reader = SourcesReader(
            problems: problems, files: files, zone: zone, zones: zones, environment: environment,
            topics: (profile ?? Profile.standard)?.topics, scales: profile?.scales ?? [:], own: own)
        let named = map.node("sources")
        let isAutomatic = named.map { if case .scalar("auto", _) = $0.content { true } else { false } } ?? false
        let entries = isAutomatic ? adoptedSources() : named
        // A misspelt key is reported as such, with its line.
        let isMisspelt = named == nil && map.keys.contains { Self.wordsForSources.contains($0) }
        let hasSources = entries != nil || (needsSources && !isAutomatic && !isMisspelt)
        let sources = hasSources ? reader.read(entries, at: root.mark) : []
        let limits = LimitsReader(problems: problems).read(map.node("limits"), at: root.mark)
        let outputs = self.outputs(&map, bridge: bridge, profile: profile)
        OutputsCheck(problems: problems).check(
            outputs, sources: sources.map(\.source), isOneBroker: output.map(input.isSameBroker) ?? true)
        let log = logSettings(map.map("log", what: "log"))
        let plugTest = PlugTestReader(problems: problems).read(
            map.map("plugtest", what: "plugtest"), sources: sources.map(\.source.name))
        let http = ListenReader(problems: problems).read(map.node("http"), at: root.mark)
        let history = HistorySettingsReader(problems: problems, files: files, environment: environment).read(
            map.node("history"), zone: zone, zones: zones, meters: meters)
        let influx = InfluxReader(problems: problems, files: files).read(map.node("influx"), at: root.mark)
        map.finish(synonyms: [
            "influxdb": "influx", "mqtt": "broker", "server": "broker", "timezone": "zone", "inputs": "sources",
            "source": "sources",
            "plug_test": "plugtest",
        ])
        checkMeters(of: outputs, meters: meters, sources: sources.map(\.source))
        guard problems.problems[before...].allSatisfy(\.isWarning), let profile else { return nil }
        return Configuration(
            bridge: bridge, input: input, output: output ?? input, sources: sources.map(\.source),
            inputs: sources.compactMap(\.input),
            subscriptions: Subscriptions.minimal(sources, and: outputs.birthTopics),
            questions: sources.compactMap(\.question), meters: meters,
            profile: outputs.includesHarmonized ? profile : profile.forTheBridgeAlone, limits: limits,
            partition: partition, outputs: outputs, log: log, http: http, history: history, influx: influx,
            plugTest: plugTest,
            about: Dictionary(sources.map { ($0.source.name, $0.about) }) { first, _ in first },
            isAutomatic: isAutomatic, adopted: isAutomatic ? adopted : nil, ownReaders: own)
    }

    private static let wordsForSources: Set = ["source", "inputs", "input", "soures", "sorces", "readers"]

    private func adoptedSources() -> YAMLNode? {
        guard let adopted else { return nil }
        return YAMLLoader.load(adopted, file: "sources: auto", problems: problems)?["sources"]
    }

    /// Warns when an output names an unknown meter that resembles a known one. Other unknown names are accepted,
    /// because most ids are known only after the meter's first message.
    private func checkMeters(of outputs: Outputs, meters: [MeterEntry], sources: [Source]) {
        let known = meters.map(\.id) + sources.compactMap(\.meter)
        for (output, meter, mark) in outputs.meters where !known.contains(meter) {
            guard let nearest = NearestWord.of(meter, in: known) else { continue }
            problems.warning(mark, "\"\(output)\" is for the meter \"\(meter)\", did you mean \"\(nearest)\"?")
        }
    }

    private func outputs(_ map: inout YAMLReader, bridge: String, profile: Profile?) -> Outputs {
        guard let profile = profile ?? Profile.standard else { return .harmonized }
        let context = OutputContext(bridge: bridge, profile: profile, version: Program.version)
        return OutputsReader(context: context, problems: problems).read(map.node("outputs"))
    }

    /// The default is the host's name: two bridges on one broker must not answer for each other.
    private func bridgeName(_ map: inout YAMLReader, partition: Partition) -> String {
        let host = ProcessWord.host.split(separator: ".").first.map(String.init) ?? ""
        guard let name = map.text("bridge") else {
            if isInContainer {
                problems.warning(
                    map.mark,
                    "without \"bridge\" this bridge takes the name of its container, \"\(host)\", which changes at the next start: "
                        + "then it does not find its session and its meters; write bridge: NAME")
            }
            let level = host.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            return (level.isEmpty ? "obis-bridge" : level) + (partition == .whole ? "" : "-\(partition.index)")
        }
        if name.isEmpty || name.contains(where: { "+#/\0 ".contains($0) }) {
            problems.error(
                map.node("bridge")?.mark ?? map.mark,
                "\"bridge\" is one topic level without + # / or blanks, not \"\(name)\"")
        }
        return name
    }

    private func partition(_ map: inout YAMLReader) -> Partition {
        guard let node = map.node("partition"), let text = node.text("partition", problems: problems) else {
            return .whole
        }
        guard let partition = Partition(text) else {
            problems.error(
                node.mark, "\"partition\" is K/N, process K of N counted from 0 (0/8 … 7/8), not \"\(text)\"")
            return .whole
        }
        return partition
    }

    private func logSettings(_ map: YAMLReader) -> LogSettings {
        var map = map
        var settings = LogSettings(format: .usual(environment: environment))
        let format = map.choice("format", of: LogFormat.self)
        settings.format = logFormat ?? format ?? settings.format
        settings.level = map.choice("level", of: LogLevel.self)?.level ?? settings.level
        map.finish()
        return settings
    }
}
