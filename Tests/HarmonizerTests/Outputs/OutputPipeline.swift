// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

extension TestPipeline {
    /// A pipeline with outputs.
    ///
    /// - Parameter outputs: what stands under `outputs:`.
    init(
        outputs: String, sources: [Source] = [TestPipeline.source()], meters: [MeterEntry] = [],
        profile yaml: String = "{}"
    ) throws {
        try self.init(sources, meters: meters, profile: yaml)
        let profile = try Profile(yaml: yaml)
        let problems = ProblemList()
        guard let list = YAMLLoader.load("outputs: \(outputs)", file: "bridge.yaml", problems: problems) else {
            throw InvalidProfile(problems: problems.sorted)
        }
        let context = OutputContext(bridge: "test", profile: profile, version: "1.2.3")
        let read = OutputsReader(context: context, problems: problems).read(list["outputs"])
        guard problems.sorted.isEmpty else { throw InvalidProfile(problems: problems.sorted) }
        pipeline = Pipeline(
            Pipeline.Settings(bridge: "test", profile: profile, sources: sources, meters: meters, outputs: read))
    }

    /// What people read about a list of outputs.
    static func problems(outputs: String, profile yaml: String = "{}") -> [String] {
        do {
            _ = try TestPipeline(outputs: outputs, profile: yaml)
            return []
        } catch let fault as InvalidProfile {
            return fault.problems.map(\.description)
        } catch { return ["\(error)"] }
    }
}

extension [Publication] {
    /// `topic payload`, of the topics that begin so.
    func lines(below prefix: String) -> [String] {
        filter { $0.topic.hasPrefix(prefix) }.map { "\($0.topic) \(String(decoding: $0.payload, as: UTF8.self))" }
    }

    /// The payload of the last message on a topic.
    func payload(on topic: String) -> String? {
        last { $0.topic == topic }.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    func json(on topic: String) -> [String: Any] { payload(on: topic).map(object) ?? [:] }
}
