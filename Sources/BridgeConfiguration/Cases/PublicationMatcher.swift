// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Matches each expected publication with a real one, in the order of both.
struct PublicationMatcher {
    let publications: [Publication]

    func faults(_ expectation: Expectation) -> [CaseFault] {
        var faults: [CaseFault] = []
        var taken: Set<Int> = []
        for expected in expectation.publications {
            let candidates = publications.indices.filter {
                !taken.contains($0) && expected.topic.captures(publications[$0].topic) != nil
            }
            guard let nearest = nearest(candidates, expected) else {
                faults.append(CaseFault(mark: expected.mark, text: missing(expected, taken)))
                continue
            }
            taken.insert(nearest.index)
            guard !nearest.differences.isEmpty else { continue }
            let topic = publications[nearest.index].topic
            for difference in nearest.differences {
                faults.append(
                    CaseFault(mark: difference.mark, text: "\(topic)\n  \(difference.path): \(difference.text)"))
            }
        }
        for (filter, mark) in expectation.absent {
            for publication in publications where filter.captures(publication.topic) != nil {
                faults.append(
                    CaseFault(mark: mark, text: "expected nothing on \(filter), found \(Self.text(publication))"))
                break
            }
        }
        if expectation.isComplete {
            for (index, publication) in publications.enumerated() where !taken.contains(index) {
                faults.append(CaseFault(mark: expectation.mark, text: "not expected: \(Self.text(publication))"))
            }
        }
        return faults
    }

    /// The first candidate without differences, else the one with the fewest.
    private func nearest(
        _ candidates: [Int], _ expected: ExpectedPublication
    ) -> (index: Int, differences: [JSONComparison.Difference])? {
        var best: (index: Int, differences: [JSONComparison.Difference])?
        for index in candidates {
            let differences = differences(publications[index], expected)
            if differences.isEmpty { return (index, []) }
            if best.map({ differences.count < $0.differences.count }) ?? true { best = (index, differences) }
        }
        return best
    }

    private func differences(
        _ publication: Publication, _ expected: ExpectedPublication
    ) -> [JSONComparison.Difference] {
        let mark = expected.mark
        var result: [JSONComparison.Difference] = []
        if let isRetained = expected.isRetained, isRetained != publication.isRetained {
            result.append(
                .init(mark: mark, path: "retained", text: "expected \(isRetained), found \(publication.isRetained)"))
        }
        switch expected.payload {
        case .any: break
        case .text(let text):
            let found = String(decoding: publication.payload, as: UTF8.self)
            if found != text {
                result.append(.init(mark: mark, path: "payload", text: "expected \"\(text)\", found \"\(found)\""))
            }
        case .members(let node): result += compare(node, publication, isExact: false)
        case .json(let node): result += compare(node, publication, isExact: true)
        }
        return result
    }

    private func compare(
        _ node: YAMLNode, _ publication: Publication, isExact: Bool
    ) -> [JSONComparison.Difference] {
        // The JSON parser for adapters is lenient; the bridge's own publications must be strict JSON.
        guard let document = try? JSONDocument.parse(publication.payload), document.leniencies.isEmpty else {
            let text = "expected JSON, found \(String(decoding: publication.payload.prefix(200), as: UTF8.self))"
            return [.init(mark: node.mark, path: "payload", text: text)]
        }
        return JSONComparison(isExact: isExact).differences(node, document.root)
    }

    private func missing(_ expected: ExpectedPublication, _ taken: Set<Int>) -> String {
        let all = publications.map(\.topic)
        var topics: [String] = []
        for topic in all where !topics.contains(topic) { topics.append(topic) }
        let found =
            topics.isEmpty ? "nothing was published" : "published were\n    " + topics.joined(separator: "\n    ")
        let more = all.contains { expected.topic.captures($0) != nil } ? "one more " : ""
        return "expected \(more)\(expected.topic), \(found)"
    }

    private static func text(_ publication: Publication) -> String {
        let payload = String(decoding: publication.payload.prefix(300), as: UTF8.self)
        return "\(publication.topic) \(payload.isEmpty ? "(empty)" : payload)"
    }
}
