// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import Foundation
import Machine

/// Decides which requests are answered, and which may change something.
///
/// The server has no passwords, so a foreign web page must not make a browser read the meters or change something: the
/// page's own name may point to this computer (DNS rebinding), and the page may send requests to other names than its
/// own (cross-site requests).
struct WebGuard: Sendable {
    let settings: WebSettings
    /// Random per process, and part of each page: only a client that can read a page knows it.
    let token: String

    /// Why a request is not answered; nil when it is.
    func refusal(of request: WebRequest) -> WebResponse? {
        if !settings.proxies.isEmpty {
            // The proxy authenticates people, and may have any host name.
            if let peer = request.peer, settings.proxies.contains(peer.text) { return nil }
            return .problem(
                403, "Forbidden",
                "only the proxy may send requests here, http: {proxy: \(settings.proxies.joined(separator: ", "))}"
            )
        }
        guard let host = request.host, !admits(host) else { return nil }
        return .problem(
            421, "Misdirected Request",
            "the bridge answers to an address, localhost, or the name of its computer, not to \"\(host.prefix(100))\": add it in "
                + "bridge.yaml, http: {hosts: [\(WebSettings.isName(host) ? host : "NAME")]}, or let a proxy set the header Host"
        )
    }

    /// Why a request that would change something is refused; nil when it is not.
    func refusalOfChange(_ request: WebRequest) -> WebResponse? {
        guard !settings.isReadOnly else {
            return .problem(403, "Forbidden", "http: {read_only: true} does not allow changes here")
        }
        return refusalOfOthers(request)
    }

    /// Why a request that does not come from the bridge's own page is refused; nil when it does.
    func refusalOfOthers(_ request: WebRequest) -> WebResponse? {
        // Every browser sends the origin of a POST. Behind a proxy the scheme may differ; both sides contain the
        // port.
        guard let origin = request.headers["origin"],
            let host = origin.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).first,
            authorities(of: request).contains(host.lowercased())
        else { return .problem(403, "Forbidden", "this request comes from another page than the bridge's own") }
        guard let token = request.headers["x-obis-bridge-token"], Self.isEqual(token, self.token) else {
            return .problem(403, "Forbidden", "the page is older than the bridge: load it again")
        }
        return nil
    }

    /// The host names under which the browser may see the bridge. A proxy that uses another name sends the browser's in
    /// `X-Forwarded-Host`.
    private func authorities(of request: WebRequest) -> [String] {
        let told = settings.proxies.isEmpty ? nil : request.headers["x-forwarded-host"]
        return [request.authority, told].compactMap { $0?.lowercased() }
    }

    /// Compares in constant time, so that the time does not reveal how much of the text was right.
    private static func isEqual(_ one: String, _ other: String) -> Bool {
        guard one.utf8.count == other.utf8.count else { return false }
        return zip(one.utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// False for a name that a foreign name server may have pointed to this computer.
    private func admits(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        var (v4, v6) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1 { return true }
        if settings.hosts.contains(host) || Self.ownNames.contains(host) { return true }
        // A name without a dot cannot be registered, so no foreign web page can have it.
        return WebSettings.isName(host) && !host.contains(".")
    }

    /// The name of this computer, alone and below the local domains, which cannot be registered.
    private static let ownNames: Set<String> = {
        let name = ProcessWord.host.lowercased()
        let short = name.prefix { $0 != "." }
        guard !short.isEmpty else { return [] }
        return Set(["local", "lan", "home.arpa", "internal"].map { "\(short).\($0)" } + [name])
    }()
}
