// SPDX-License-Identifier: Apache-2.0
import Adapters
import ArgumentParser
import BridgeConfiguration
import BridgeRuntime
import Foundation
import Harmonizer
import Machine
import PlugTest

/// `convert`: turns one payload into what would be published, without a broker.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Turn one payload into what would be published, without a broker.",
        discussion: """
            On a terminal it prints the readings for people; in a pipe, or with --json, one JSON object a publication: \
            {"topic":…,"payload":"…","qos":…,"retain":…}, with payload_base64 instead of payload when it is not UTF-8. A \
            rejected message prints its reject and exits 1; one that is known not to be meter data prints no JSON and exits 0.

            Examples:
              echo '{"Time":"2021-09-24T17:56:38","z":{"Pi":0}}' | obis-bridge convert --adapter gplug --zone Europe/Zurich
              obis-bridge convert --source ewb --config bridge.yaml payload.json
            """)

    @Option(help: "Read it as this source of the configuration.")
    var source: String?
    @Option(name: .shortAndLong, help: "The configuration file that has the source.")
    var config: String?
    @Option(help: "Without a configuration: read it with this adapter.")
    var adapter: String?
    @Option(help: "The label dictionary: a shipped one or a file.")
    var labels: String?
    @Option(help: "What the fields of the adapter json mean: a file or a shipped mapping.")
    var mapping: String?
    @Option(help: "The zone of times without offset; the host's by default.")
    var zone: String?
    @Option(help: "The topic it came on; by default one that the adapter subscribes to.")
    var topic: String?
    @Option(help: "When it came, RFC 3339; now by default.")
    var received: String?
    @Flag(help: "Print JSON on a terminal too.")
    var json = false
    @Argument(help: "The payload's file; standard input by default.")
    var file: String?

    func validate() throws {
        if (source == nil) == (adapter == nil) {
            throw ValidationError("Name either --adapter NAME, or --source NAME with --config FILE.")
        }
        if source != nil, config == nil { throw ValidationError("--source NAME needs --config FILE.") }
        if let received, RFC3339.instant(received) == nil {
            throw ValidationError("--received is a time such as 2026-11-20T22:40:02Z, not \"\(received)\".")
        }
    }

    func run() throws {
        var settings = try source == nil ? settingsOfOptions() : settingsOfConfiguration()
        let chosen = settings.sources[0]
        let topic = topic ?? Self.exampleTopic(chosen)
        if !chosen.filters.contains(where: { $0.captures(topic) != nil }), let exact = TopicPattern(topic) {
            settings.sources[0].filters = [exact]
        }
        let time = received.flatMap { RFC3339.instant($0) } ?? SystemClock.now
        // Without an arrival a payload is of any age: a payload from a file must not count as having a clock that is
        // years behind.
        if received == nil { settings.profile.time.maxAge = .max }
        var pipeline = Pipeline(settings)
        // Far above what a broker delivers to the bridge: the pipeline must report a payload that is too large, as the
        // bridge would.
        let payload = try BoundedFile.required(file ?? "-", limit: 64 << 20)
        let message = RawMessage(topic: topic, payload: Array(payload), received: time)
        var publications = pipeline.handle(message)
        publications += pipeline.flush(at: time)
        for diagnostic in pipeline.takeDiagnostics() { StandardError.line(Terminal.escaped("\(diagnostic)")) }
        if json || !Terminal.isTerminal(STDOUT_FILENO) {
            for publication in publications { try StandardOutput.print(publication.jsonLine) }
        } else {
            try show(publications, ignored: pipeline.counters.ignored, profile: settings.profile)
        }
        if var advice = MappingAdvice(chosen.adapter) {
            advice.hear(message)
            if let sentence = advice.sentence { StandardError.line(Terminal.escaped("note: \(sentence)")) }
        }
        if pipeline.counters.readings == 0 { advise(message, chosen, settings.profile) }
        if !pipeline.counters.rejected.isEmpty { throw ExitCode.faults }
    }

    /// Prints the publications for people, who want the values and not the JSON around them.
    private func show(_ publications: [Publication], ignored: [String: Int], profile: Profile) throws {
        let text = ReadingText(profile: profile)
        for line in publications.compactMap(text.lines).joined() { try StandardOutput.print(line) }
        if publications.isEmpty {
            let kinds = ignored.keys.sorted().joined(separator: ", ")
            try StandardOutput.print(
                "nothing would be published" + (kinds.isEmpty ? "" : ": not meter data (\(kinds))"))
        } else {
            try StandardOutput.print(
                "\(Count.text(publications.count, "message")) would be published; --json shows them")
        }
    }

    /// Advises another adapter when the payload gave no reading.
    private func advise(_ message: RawMessage, _ source: Source, _ profile: Profile) {
        var advice = AdapterAdvice(insteadOf: source.adapter.name, placeholders: profile.placeholders)
        advice.hear(message)
        guard let sentence = advice.sentence else { return }
        let option = self.source == nil ? sentence.replacing("write \"adapter: ", with: "write \"--adapter ") : sentence
        StandardError.line(Terminal.escaped("this payload \(option.replacing(", labels: ", with: " --labels "))"))
    }

    private func settingsOfConfiguration() throws -> Pipeline.Settings {
        let loaded = try ConfigurationLoader().required(path: config ?? "")
        var settings = loaded.pipelineSettings
        settings.sources = settings.sources.filter { $0.name == source }
        guard !settings.sources.isEmpty else {
            let names = loaded.sources.map(\.name)
            throw CommandFailure(
                "no source \"\(source ?? "")\" in \(config ?? "")" + NearestWord.hint(source ?? "", in: names))
        }
        return settings
    }

    private func settingsOfOptions() throws -> Pipeline.Settings {
        let files = FileFinder.workingDirectory
        let profile = try Profile()
        func report(_ mark: SourceMark?, _ message: String) {
            StandardError.line(Terminal.escaped(mark.map { "\($0): error: \(message)" } ?? message))
        }
        let dictionary = labels.flatMap { LabelsFinder(files: files).find($0, report: report) }
        let fields = mapping.flatMap { MappingFinder(files: files).find($0, report: report) }
        if labels != nil && dictionary == nil || mapping != nil && fields == nil { throw ExitCode.faults }
        let name = adapter ?? ""
        if AdapterRegistry.takesMapping(name), fields == nil {
            throw CommandFailure(
                "the adapter json needs --mapping FILE: a file that says what the fields mean (docs/sources/json.md)")
        }
        let own = OwnReadersFolder(files: files).read(report: report)
        let options = AdapterOptions(labels: dictionary, mapping: fields, candidates: own.labels)
        guard let adapter = own.adapter(name) ?? AdapterRegistry.make(name, options: options) else {
            throw CommandFailure(SourcesReader.unknown(name, own: own))
        }
        let variable = ProcessInfo.processInfo.environment["TZ"]
        guard let zone = zone.map({ Zone($0) }) ?? Zone.host(variable) else {
            let sentence = zone.map { "the zone \"\($0)\" cannot be loaded" + ZoneReader.hint($0) }
            throw CommandFailure(sentence ?? ZoneReader.sentence(variable ?? "") + "; write --zone NAME")
        }
        let source = Source(name: name, adapter: adapter, zone: zone, isZoneOfHost: self.zone == nil)
        return Pipeline.Settings(bridge: "convert", profile: profile, sources: [source])
    }

    /// A topic that the source's main filter matches, for payloads whose topic says nothing.
    private static func exampleTopic(_ source: Source) -> String {
        let filter = source.filters.first?.filter ?? source.adapter.name
        return filter.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0 == "+" || $0 == "#" ? source.name : String($0) }.joined(separator: "/")
    }
}
