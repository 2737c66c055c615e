// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer
import Testing

/// One or more messages for one decoder, each with the verdict that it must get. `Fixtures/README.md` has the format.
struct Fixture: Sendable, CustomTestStringConvertible {
    /// The folder's name.
    let adapter: String
    /// The files' common name.
    let name: String
    /// The messages in their order.
    let steps: [Step]

    var testDescription: String { "\(adapter)/\(name)" }

    /// One message and its verdict.
    struct Step: Sendable {
        /// The file's name without its ending.
        var name: String
        /// The message; nil to give up on an open telegram instead.
        var message: RawMessage?
        var labels: String?
        var mapping: String?
        var list: String?
        var groups: [String] = []
        var crc: CRCPolicy?
        var keys: MeterKeys?
        var keepsRaw = false
        /// The verdict, a line an entry, indentation included.
        var expected: [String] = []
    }

    /// Every fixture, by adapter and name.
    static let all: [Fixture] = folders.flatMap { folder in
        let expectations = files(in: folder, ending: "expected")
        let series = Dictionary(grouping: expectations) { seriesName(of: $0) }
        return series.sorted { $0.key < $1.key }.map { name, files in
            var steps: [Step] = []
            for file in files.sorted(by: { number(of: $0) < number(of: $1) }) {
                steps.append(step(file, in: folder, after: steps.last))
            }
            return Fixture(adapter: folder.lastPathComponent, name: name, steps: steps)
        }
    }

    /// Payloads that nobody would look at.
    static let payloadsWithoutExpectation: [String] = folders.flatMap { folder in
        files(in: folder, ending: "payload").filter { !files(in: folder, ending: "expected").contains($0) }
            .map { "\(folder.lastPathComponent)/\($0)" }
    }

    // MARK: - Reading files

    private static var folders: [URL] {
        // From the sources, because BridgeTests, which has no resources, compiles this file too.
        let tests = #filePath.split(separator: "/Tests/")[0]
        let root = URL(fileURLWithPath: "\(tests)/Tests/AdaptersTests/Fixtures")
        let entries = try? FileManager.default.contentsOfDirectory(
            at: root, includingPropertiesForKeys: [.isDirectoryKey])
        return (entries ?? []).filter { (try? $0.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true }
            .sorted { $0.path < $1.path }
    }

    /// The names of the files in a folder, without the ending.
    private static func files(in folder: URL, ending: String) -> [String] {
        let entries = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (entries ?? []).filter { $0.hasSuffix("." + ending) }.map { String($0.dropLast(ending.count + 1)) }
            .sorted()
    }

    /// The number behind the last dot of `morning.2`, 0 without one.
    private static func number(of file: String) -> Int {
        file.split(separator: ".").count > 1 ? file.split(separator: ".").last.flatMap { Int($0) } ?? 0 : 0
    }

    private static func seriesName(of file: String) -> String {
        number(of: file) > 0 ? String(file[..<(file.lastIndex(of: ".") ?? file.endIndex)]) : file
    }

    private static func step(_ file: String, in folder: URL, after previous: Step?) -> Step {
        var step = Step(name: file)
        var topic = previous?.message?.topic ?? ""
        var received = previous?.message?.received ?? Timestamp(seconds: 1_767_225_600)
        var isRetained = false
        let url = folder.appendingPathComponent(file)
        let text = (try? String(contentsOf: url.appendingPathExtension("expected"), encoding: .utf8)) ?? ""
        for line in text.split(separator: "\n").map(String.init) {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard let word = words.first, !word.hasPrefix("#") else { continue }
            let rest = words.count > 1 ? words[1] : ""
            switch step.expected.isEmpty ? word : "" {
            case "topic": topic = rest
            case "labels": step.labels = rest
            case "mapping": step.mapping = rest
            case "list": step.list = rest
            case "groups": step.groups = rest.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            case "crc": step.crc = CRCPolicy(rawValue: rest)
            case "keys":
                let both = rest.split(separator: " ").map(String.init)
                step.keys = try? MeterKeys(decryption: both[0], authentication: both.count > 1 ? both[1] : nil)
            case "received": received = RFC3339.instant(rest) ?? received
            case "retained": isRetained = true
            case "raw": step.keepsRaw = true
            default: step.expected.append(line)
            }
        }
        if let payload = try? Data(contentsOf: url.appendingPathExtension("payload")) {
            step.message = RawMessage(
                topic: topic, payload: Array(payload), isRetained: isRetained, received: received)
        }
        return step
    }
}
