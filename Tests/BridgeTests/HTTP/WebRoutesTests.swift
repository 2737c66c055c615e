// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import BridgeRuntime
@testable import Machine
@testable import Web

/// What is answered when the loop is slow, stuck, or asked by many.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct WebRoutesTests {
    private let queries = LoopQueries()

    private func ask(
        _ path: String, host: String? = nil, at address: String = "8080",
        within limit: DispatchTimeInterval = .seconds(2)
    ) async throws -> WebResponse {
        await WebRoutes(queries: queries, metrics: BridgeMetrics(), answerTime: limit).response(
            to: WebRequest(method: "GET", target: path, host: host),
            WebSettings(address: try #require(ListenAddress(address)), hosts: ["meters.example.org"]))
    }

    private func pipeline() throws -> Pipeline {
        let loader = ConfigurationLoader(environment: [:])
        let text = "bridge: test\nzone: UTC\nsources: {gplug: {adapter: gplug, labels: gplug-d}}"
        return Pipeline(try #require(loader.load(text, file: "bridge.yaml")).pipelineSettings)
    }

    @Test func `a loop that completes no pass is stuck`() async throws {
        #expect(try await ask("/healthz").status == 503)
        _ = queries.passed(at: .now)
        #expect(try await ask("/healthz") == WebResponse(body: Array(#"{"status":"ok"}"#.utf8)))
        _ = queries.passed(at: .now - .seconds(11))
        let stuck = try await ask("/healthz")
        #expect(stuck.status == 503)
        #expect(
            String(decoding: stuck.body, as: UTF8.self).hasPrefix(
                #"{"status":"stuck","detail":"no pass of the loop for 11 s"#))
    }

    @Test(arguments: ["/v1/meters", "/v1/meters/a", "/openapi.json", "/readyz", "/metrics"])
    func `a loop that does not answer makes nobody wait for ever`(path: String) async throws {
        queries.notify {}
        let answer = try await ask(path)
        #expect(answer.status == 503)
        #expect(answer.contentType == "application/problem+json")
        // What nobody waits for any more is not worked out.
        for question in queries.passed(at: .now) { question(LoopView.unasked) }
    }

    @Test func `many may ask at once, and each has its answer in the next pass`() async throws {
        let pipeline = try pipeline()
        let queries = queries
        queries.notify {
            let view = LoopView(pipeline: pipeline, links: LinkState(), configured: Timestamp(seconds: 1_795_217_228))
            for question in queries.passed(at: .now) { question(view) }
        }
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await ask("/metrics").status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 100))
    }

    @Test func `the meters are walked through once a pass, however many ask`() async throws {
        queries.notify {}
        let view = LoopView(pipeline: try pipeline(), links: LinkState(), configured: Timestamp(seconds: 0))
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<250 {
                let path = number.isMultiple(of: 2) ? "/v1/meters" : "/metrics"
                group.addTask { try await ask(path, within: .seconds(600)).status }
            }
            var questions: [LoopQueries.Question] = []
            while questions.count < 250 {
                questions += queries.passed(at: .now)
                try await Task.sleep(for: .milliseconds(5))
            }
            for question in questions { question(view) }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: 200, count: 250))
        #expect(view.walks == 2)
    }

    @Test func `more than a loop could answer are turned away`() async throws {
        queries.notify {}
        let statuses = try await withThrowingTaskGroup(of: WebResponse.self) { group in
            for _ in 0..<400 { group.addTask { try await ask("/readyz") } }
            return try await group.reduce(into: []) { $0.append($1.status) }
        }
        #expect(statuses == Array(repeating: 503, count: 400))
        #expect(queries.passed(at: .now).count == 256)
    }

    @Test(arguments: [
        (nil, true), ("localhost", true), ("LOCALHOST:8080", true), ("meters.localhost:80", true),
        ("127.0.0.1:8080", true),
        ("192.168.1.5", true), ("[::1]:8080", true), ("[fe80::1]", true), ("evil.example", false),
        ("evil.example:8080", false),
        ("localhost.evil.example", false), ("127.0.0.1.evil.example", false), ("[::1].evil.example", false),
        ("evil.example]", false), ("", false), ("meters.example.org:80", true), ("METERS.example.org", true),
        ("a.meters.example.org", false), ("prometheus-target:8080", true), ("evil.example.", false),
    ])
    func `a name of the web is nobody's here, wherever it listens`(host: String?, isTaken: Bool) async throws {
        _ = queries.passed(at: .now)
        #expect(try await ask("/healthz", host: host).status == (isTaken ? 200 : 421))
        #expect(try await ask("/healthz", host: host, at: "0.0.0.0:8080").status == (isTaken ? 200 : 421))
    }

    @Test func `the computer's own name is taken, alone and below the domains of houses`() async throws {
        _ = queries.passed(at: .now)
        let name = try #require(ProcessWord.host.split(separator: ".").first)
        for host in ["\(name)", "\(name).local:8080", "\(name).lan", "\(name.uppercased()).home.arpa"] {
            #expect(try await ask("/healthz", host: host).status == 200, "\(host)")
        }
        let refusal = try await ask("/healthz", host: "\(name).example.org")
        #expect(refusal.status == 421)
        #expect(
            String(decoding: refusal.body, as: UTF8.self).contains("http: {hosts: [\(name.lowercased()).example.org]}"))
    }

    @Test func `a query and a fragment are not part of a path`() {
        #expect(WebRequest(method: "GET", target: "/a/b?c=/d#e").path == "/a/b")
        #expect(WebRequest(method: "GET", target: "/a#b?c").path == "/a")
        #expect(WebRequest(method: "GET", target: "").path == "")
    }
}

extension LoopView {
    /// For questions that must not look at it.
    fileprivate static var unasked: LoopView {
        let problems = ProblemList()
        let loader = ConfigurationLoader(environment: [:], problems: problems)
        guard let settings = loader.load("zone: UTC\nsources: {a: {adapter: p1}}", file: "b.yaml")?.pipelineSettings
        else {
            preconditionFailure("\(problems.sorted)")
        }
        return LoopView(pipeline: Pipeline(settings), links: LinkState(), configured: Timestamp(seconds: 0))
    }
}
