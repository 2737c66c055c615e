// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import BridgeRuntime
import Foundation
import Harmonizer
import Machine
import Page
import PageFiles

/// The routes of the page for people: its views, and their resources below `/page/`.
extension WebRoutes {
    private static let own = "/page/"
    private static let html = "text/html; charset=utf-8"

    /// The answer to a request for the page; nil for other paths.
    func pageResponse(to request: WebRequest, _ guardian: WebGuard) async -> WebResponse? {
        if request.path.hasPrefix(Self.own) {
            return await ownResponse(String(request.path.dropFirst(Self.own.count)), to: request, guardian)
        }
        guard let view = PageView(path: request.path), !request.isForData else { return nil }
        guard ["GET", "HEAD"].contains(request.method) else { return .onlyRead }
        guard let data = await data(for: view, guardian.settings) else { return .busy }
        // The HTML is written on this thread: the loop has messages to handle.
        var response = WebResponse(
            data.has(view) ? 200 : 404, contentType: Self.html,
            body: PageWriter().document(view, data, token: guardian.token))
        response.policy = PageAssets.policy
        return response
    }

    /// The answer to a request below `/page/`.
    private func ownResponse(_ name: String, to request: WebRequest, _ guardian: WebGuard) async -> WebResponse {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 3, parts[0] == "meters", let command = Command.Name(rawValue: String(parts[2])),
            command != .identify
        {
            guard request.method == "POST" else { return .onlyPost }
            if let refusal = guardian.refusalOfChange(request) { return refusal }
            return await order(command, meter: parts[1].removingPercentEncoding ?? String(parts[1]))
        }
        if let response = await post(name, request, guardian) { return response }
        guard ["GET", "HEAD"].contains(request.method) else { return .onlyRead }
        if parts.count == 2, parts[0] == "plug-test" {
            guard let file = await desks?.plugTestFile(String(parts[1])) else {
                return .problem(404, "Not Found", "there is no plug-test yet")
            }
            var response = WebResponse(contentType: file.contentType, body: file.bytes)
            response.fileName = String(parts[1])
            return response
        }
        if parts.count == 3, parts[0] == "meters", parts[2] == "power" {
            return await power(ofMeter: parts[1].removingPercentEncoding ?? String(parts[1]))
        }
        if name == ChartLibrary.name { return ChartLibrary.response }
        if name == "events" { return events(for: request, guardian.settings) }
        guard let asset = PageAssets.named(name) else {
            return .problem(404, "Not Found", "no file of the page has that name")
        }
        var response = WebResponse(contentType: asset.contentType, body: asset.bytes)
        response.isImmutable = asset.isNamedByContent
        return response
    }

    private func order(_ command: Command.Name, meter: String) async -> WebResponse {
        let answer = await orders.give(Command(command, meter: meter, request: "page"))
        guard let answer else { return .busy }
        return WebResponse(answer.isDone ? 200 : 409, body: answer.payload)
    }

    /// The power of the last hour, for a chart.
    private func power(ofMeter id: String) async -> WebResponse {
        let points = await queries.ask(within: answerTime) { loop in
            let now = SystemClock.now
            return (now, loop.live.power(ofMeter: id, at: now))
        }
        guard let (now, line) = points else { return .busy }
        return WebResponse(body: PowerPoint.list(line, at: now))
    }

    /// The data of a view; nil when the loop does not answer.
    private func data(for view: PageView, _ settings: WebSettings) async -> PageData? {
        let answer = await queries.ask(within: answerTime) { loop in
            (loop.pageData(for: view, since: 0), loop.surroundings(of: view))
        }
        guard let (data, facts) = answer else { return nil }
        return await finished(data, facts, settings, view)
    }

    /// The data completed with what the loop does not know.
    private func finished(
        _ data: PageData, _ facts: LoopFacts?, _ settings: WebSettings, _ view: PageView
    ) async -> PageData {
        var data = data
        data.isReadOnly = settings.isReadOnly
        switch view {
        case .log:
            data.log = log?.entries ?? []
            data.health?.started = started
        case .sources: data.discovery = desks?.discovery
        case .plugTest: data.plugTest = await desks?.plugTest()
        case .configuration:
            if let facts { data.configuration = desks?.configuration(facts.configuration, messages: facts.messages) }
        case .overview, .meter: return await days?.completed(data) ?? data
        }
        return data
    }

    /// The answer to a POST that starts, stops or checks something; nil for other names.
    private func post(_ name: String, _ request: WebRequest, _ guardian: WebGuard) async -> WebResponse? {
        guard let desks, ["discover", "plug-test/start", "plug-test/stop", "configuration/check"].contains(name) else {
            return nil
        }
        guard request.method == "POST" else { return .onlyPost }
        // A check changes nothing, but must not come from a foreign page either.
        let isChange = name != "configuration/check"
        if let refusal = isChange ? guardian.refusalOfChange(request) : guardian.refusalOfOthers(request) {
            return refusal
        }
        guard let facts = await queries.ask(within: answerTime, { $0.surroundings(of: .configuration) }) else {
            return .busy
        }
        guard let facts else { return .problem(409, "Conflict", "there is no configuration") }
        switch name {
        case "discover": desks.startDiscovery(facts.configuration)
        case "plug-test/start": await desks.startPlugTest(facts.configuration)
        case "plug-test/stop": await desks.stopPlugTest()
        default:
            let text = String(decoding: request.body, as: UTF8.self)
            return WebResponse(body: desks.check(text, instead: facts.configuration, messages: facts.messages))
        }
        return WebResponse(body: Array("{}".utf8))
    }

    // MARK: - Live

    private func events(for request: WebRequest, _ settings: WebSettings) -> WebResponse {
        guard let view = request.query["view"].flatMap(PageView.init(path:)) else {
            return .problem(400, "Bad Request", "?view= is the path of a view of the page: /, /meters/ID, /sources")
        }
        guard let place = EventPlaces.shared.take() else {
            return .problem(503, "Service Unavailable", "\(EventPlaces.limit) pages are open already")
        }
        let shape = request.query["shape"] ?? ""
        let session = EventSession(view: view, shape: shape) { sequence in
            let answer = await queries.ask(within: answerTime) { loop -> (PageData, LoopFacts?)? in
                guard loop.hasNews(for: view, since: sequence) else { return nil }
                return (loop.pageData(for: view, since: sequence), loop.surroundings(of: view))
            }
            guard let (data, facts) = answer ?? nil else { return nil }
            return await finished(data, facts, settings, view)
        }
        var response = WebResponse(contentType: "text/event-stream; charset=utf-8", body: Array("retry: 3000\n\n".utf8))
        response.stream = WebStream(next: { await session.next() }, end: { place.leave() })
        return response
    }
}

extension WebResponse {
    fileprivate static var onlyRead: WebResponse {
        var response = problem(405, "Method Not Allowed", "only GET and HEAD")
        response.allow = "GET, HEAD"
        return response
    }

    fileprivate static var onlyPost: WebResponse {
        var response = problem(405, "Method Not Allowed", "only POST")
        response.allow = "POST"
        return response
    }
}

extension PageData {
    fileprivate func has(_ view: PageView) -> Bool {
        guard case .meter(let id) = view else { return true }
        return meters.contains { $0.id == id }
    }
}
