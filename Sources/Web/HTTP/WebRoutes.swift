// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import BridgeRuntime
import Dispatch
import Foundation
import Harmonizer
import Machine

/// The routes of the HTTP server: maps each request to its answer.
package struct WebRoutes: Sendable {
    let queries: LoopQueries
    let metrics: BridgeMetrics
    var orders = LoopOrders()
    /// The token that a request must send to change something.
    var token = WebToken.make()
    /// The newest lines of the log; nil for none.
    var log: RecentLog?
    /// When the process started.
    var started = SystemClock.now
    /// The page's functions besides showing state; nil for none.
    var desks: (any PageDesks)?
    /// Returns the path of the history; nil without one.
    var historyPath: @Sendable () -> String? = { nil }
    /// The daily amounts from the history; nil without one.
    var days: HistoryDays?
    /// The time that the loop has for an answer.
    var answerTime = DispatchTimeInterval.seconds(2)

    /// The loop completes a pass five times a second; without a pass for this long it is stuck.
    private static let patience: Duration = .seconds(10)
    private static let meters = "/v1/meters"
    private static let history = "/history"

    private enum Endpoint {
        case meters
        case meter(String)
        case history(String)
        case openAPI, health, readiness, metrics
    }

    /// - Parameter settings: the settings of the server that received the request.
    func response(to request: WebRequest, _ settings: WebSettings) async -> WebResponse {
        await plainResponse(to: request, settings).compressed(for: request)
    }

    private func plainResponse(to request: WebRequest, _ settings: WebSettings) async -> WebResponse {
        let guardian = WebGuard(settings: settings, token: token)
        if let refusal = guardian.refusal(of: request) { return refusal }
        if let page = await pageResponse(to: request, guardian) { return page }
        guard let endpoint = endpoint(request.path) else {
            return .problem(
                404, "Not Found",
                "there is the page at /, and /v1/meters, /v1/meters/ID, /v1/meters/ID/history, /openapi.json, "
                    + "/healthz, /readyz and /metrics"
            )
        }
        guard ["GET", "HEAD"].contains(request.method) else {
            var response = WebResponse.problem(
                405, "Method Not Allowed", "only GET and HEAD")
            response.allow = "GET, HEAD"
            return response
        }
        return await response(endpoint, request.query)
            ?? .problem(503, "Service Unavailable", "the bridge is busy and did not answer in time")
    }

    private func endpoint(_ path: String) -> Endpoint? {
        switch path {
        case Self.meters, Self.meters + "/": return .meters
        case "/openapi.json": return .openAPI
        case "/healthz": return .health
        case "/readyz": return .readiness
        case "/metrics": return .metrics
        default:
            guard path.hasPrefix(Self.meters + "/") else { return nil }
            // An invalid percent-encoding cannot be a meter's id.
            let rest = path.dropFirst(Self.meters.count + 1)
            let isHistory = rest.hasSuffix(Self.history)
            let id = isHistory ? rest.dropLast(Self.history.count) : rest
            let meter = id.removingPercentEncoding ?? String(id)
            return isHistory ? .history(meter) : .meter(meter)
        }
    }

    /// The answer of an endpoint; nil when the loop does not answer.
    private func response(_ endpoint: Endpoint, _ query: [String: String]) async -> WebResponse? {
        switch endpoint {
        case .meters:
            // The JSON is written on this thread: with thousands of meters it would delay messages in the loop.
            let known = await queries.ask(within: answerTime) { ($0.meters, $0.pipeline.settings.profile.schema) }
            return known.map { WebResponse(body: MeterSummary.list($0.0, schema: $0.1, link: Self.link)) }
        case .meter(let id):
            let state = await queries.ask(within: answerTime) { $0.state(ofMeter: id) }
            guard let state else { return nil }
            return state.map { WebResponse(body: $0) } ?? .problem(404, "Not Found", "no meter \"\(id.prefix(100))\"")
        case .history(let id):
            let alias = query["register"] ?? ""
            let named = await queries.ask(within: answerTime) { view in
                view.pipeline.register(alias: alias, ofMeter: id)
                    ?? view.pipeline.settings.profile.registers.values.first { $0.alias == alias }?.obis
            }
            guard let named else { return nil }
            let route = HistoryRoute(
                path: historyPath(), aliased: named, meter: id, query: query, now: SystemClock.now)
            return await route.response()
        case .openAPI:
            let profile = await queries.ask(within: answerTime) { $0.pipeline.settings.profile }
            return profile.map { profile in
                WebResponse(body: Array(SchemaDocuments(profile, version: Program.version).openAPI.document.utf8))
            }
        case .health: return health
        case .readiness:
            return await queries.ask(within: answerTime) { ($0.links.missing, $0.links.remarks) }.map(Self.readiness)
        case .metrics:
            let snapshot = await queries.ask(within: answerTime) { $0.metrics }
            return snapshot.map { snapshot in
                WebResponse(contentType: MetricRegistry.contentType, body: metrics.text(snapshot))
            }
        }
    }

    private var health: WebResponse {
        let idle = queries.timeSincePass()
        let isAlive = idle.map { $0 < Self.patience } ?? false
        var writer = JSONWriter()
        writer.object { json in
            json.member("status", isAlive ? "ok" : "stuck")
            guard !isAlive else { return }
            json.member(
                "detail",
                idle.map { "no pass of the loop for \($0.components.seconds) s" }
                    ?? "the loop has not completed a pass yet")
        }
        return WebResponse(isAlive ? 200 : 503, body: writer.bytes)
    }

    private static func readiness(_ missing: [String], _ remarks: [String]) -> WebResponse {
        var writer = JSONWriter()
        writer.object { json in
            json.member("status", missing.isEmpty ? "ready" : "waiting")
            json.key("missing")
            json.array { json in for one in missing { json.string(one) } }
            guard !remarks.isEmpty else { return }
            json.key("remarks")
            json.array { json in for one in remarks { json.string(one) } }
        }
        return WebResponse(missing.isEmpty ? 200 : 503, body: writer.bytes)
    }

    @Sendable private static func link(_ id: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return "\(meters)/\(id.addingPercentEncoding(withAllowedCharacters: unreserved) ?? id)"
    }
}
