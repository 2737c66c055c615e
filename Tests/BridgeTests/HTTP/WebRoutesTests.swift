// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import TestSupport
import Testing

@testable import bridge

/// What is answered when the loop is slow, stuck, or asked by many.
@Suite(.timeLimit(.minutes(5 * Patience.factor))) struct WebRoutesTests {
    private let queries = LoopQueries()

    private func ask(_ path: String) async -> WebResponse {
        await WebRoutes(queries: queries, metrics: BridgeMetrics()).response(
            to: WebRequest(method: "GET", target: path))
    }

    private func view() throws -> LoopView {
        let loader = ConfigurationLoader(environment: [:])
        let text = "bridge: test\nzone: UTC\nsources: {gplug: {adapter: gplug, labels: gplug-d}}"
        let settings = try #require(loader.load(text, file: "bridge.yaml")).pipelineSettings
        return LoopView(
            pipeline: Pipeline(settings), links: LinkState(), configured: Timestamp(seconds: 1_795_217_228))
    }

    @Test func `a loop that completes no pass is stuck`() async {
        #expect(await ask("/healthz").status == 503)
        _ = queries.passed(at: .now)
        #expect(await ask("/healthz") == WebResponse(body: Array(#"{"status":"ok"}"#.utf8)))
        _ = queries.passed(at: .now - .seconds(11))
        let stuck = await ask("/healthz")
        #expect(stuck.status == 503)
        #expect(
            String(decoding: stuck.body, as: UTF8.self).hasPrefix(
                #"{"status":"stuck","detail":"no pass of the loop for 11 s"#))
    }

    @Test(arguments: ["/v1/meters", "/v1/meters/a", "/openapi.json", "/readyz", "/metrics"])
    func `a loop that does not answer makes nobody wait for ever`(path: String) async {
        queries.notify {}
        let answer = await ask(path)
        #expect(answer.status == 503)
        #expect(answer.contentType == "application/problem+json")
        // What nobody waits for any more is not worked out.
        for question in queries.passed(at: .now) { question(LoopView.unasked) }
    }

    @Test func `many may ask at once, and each has its answer in the next pass`() async throws {
        let view = try view()
        let queries = queries
        queries.notify { for question in queries.passed(at: .now) { question(view) } }
        let statuses = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { await ask("/metrics").status } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 100))
    }

    @Test func `more than a loop could answer are turned away`() async {
        queries.notify {}
        let statuses = await withTaskGroup(of: WebResponse.self) { group in
            for _ in 0..<400 { group.addTask { await ask("/readyz") } }
            return await group.reduce(into: []) { $0.append($1.status) }
        }
        #expect(statuses == Array(repeating: 503, count: 400))
        #expect(queries.passed(at: .now).count == 256)
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

/// What is missing before the bridge is ready.
@Suite struct LinkStateTests {
    private let ready = RelayStatus(isInputConnected: true, isOutputConnected: true, isBaselineDone: true)
    private let filter = MQTT.TopicFilter("tele/+/SENSOR")

    private func connected(_ side: RelaySide, resumed: Bool = false) -> RelayEvent {
        .connected(side: side, version: .v5, sessionPresent: resumed)
    }

    @Test func `at the start everything is missing`() {
        #expect(LinkState().missing.count == 3)
    }

    @Test func `it is ready once it has subscribed`() {
        var links = LinkState()
        links.status = ready
        links.note(connected(.output))
        links.note(connected(.input))
        #expect(links.missing == ["input: not subscribed yet"])
        links.note(.subscribed(filters: [filter]))
        #expect(links.missing.isEmpty)
        #expect(links.reconnects(.input) == 0 && links.reconnects(.output) == 0)
        // Whose session is resumed has its subscriptions; whose is not subscribes again.
        links.note(connected(.input, resumed: true))
        #expect(links.missing.isEmpty)
        links.note(connected(.input))
        #expect(links.missing == ["input: not subscribed yet"])
        #expect(links.reconnects(.input) == 2)
    }

    @Test func `what the broker forbids is missing until nobody wants it`() {
        var links = LinkState()
        links.status = ready
        links.note(connected(.input))
        links.note(.subscriptionRefused(filter: filter, reason: "the broker does not allow it"))
        links.note(.subscribed(filters: []))
        #expect(links.missing == ["input: the broker does not allow tele/+/SENSOR"])
        links.reloaded(["tele/+/SENSOR"])
        #expect(links.missing.count == 1)
        links.reloaded(["other"])
        #expect(links.missing.isEmpty)
    }

    @Test func `a baseline that may not be read is missing`() {
        var links = LinkState()
        links.status = ready
        links.note(connected(.input))
        links.note(.subscribed(filters: [filter]))
        links.note(.baselineIncomplete(reason: "the output broker does not let the bridge read its own topics"))
        #expect(links.missing == ["baseline: the output broker does not let the bridge read its own topics"])
    }

    @Test func `lost sessions are counted`() {
        var links = LinkState()
        links.note(.sessionLost(clientID: "a"))
        links.note(.sessionLost(clientID: "a"))
        #expect(links.sessionsLost == 2)
    }
}
