// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import Foundation
import Machine

/// Who is answered, and who may change something.
///
/// Nobody is asked for a password, so a page of the web must not get a browser to read the meters or to change something: its own
/// name may point to this computer (DNS rebinding), and it may send requests to other names than its own (cross-site requests).
struct WebGuard: Sendable {
    let settings: WebSettings
    /// Made up at the start of the process, and part of each page: only who can read a page knows it.
    let token: String

    /// Why a request is not answered; nil when it is.
    func refusal(of request: WebRequest) -> WebResponse? {
        if !settings.proxies.isEmpty {
            // The proxy asks for a password, and is called by whatever name the house has for it.
            if let peer = request.peer, settings.proxies.contains(peer.text) { return nil }
            return .problem(
                403, "Forbidden",
                "only the proxy is answered here, http: {proxy: \(settings.proxies.joined(separator: ", "))}"
            )
        }
        guard let host = request.host, !admits(host) else { return nil }
        return .problem(
            421, "Misdirected Request",
            "the bridge is asked by an address, localhost, or the name of its computer, not by \"\(host.prefix(100))\": name it "
                + "in bridge.yaml, http: {hosts: [\(WebSettings.isName(host) ? host : "NAME")]}, or let a proxy set the header Host"
        )
    }

    /// Why a request that would change something is refused; nil when it is not.
    func refusalOfChange(_ request: WebRequest) -> WebResponse? {
        guard !settings.isReadOnly else {
            return .problem(403, "Forbidden", "http: {read_only: true} lets nothing be changed here")
        }
        return refusalOfOthers(request)
    }

    /// Why a request that does not come from the bridge's own page is refused; nil when it does.
    func refusalOfOthers(_ request: WebRequest) -> WebResponse? {
        // Every browser says where a POST comes from. Behind a proxy the scheme may be another one, and the port is part of both.
        guard let origin = request.headers["origin"],
            let host = origin.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).first,
            authorities(of: request).contains(host.lowercased())
        else { return .problem(403, "Forbidden", "this request comes from another page than the bridge's own") }
        guard let token = request.headers["x-obis-bridge-token"], Self.isEqual(token, self.token) else {
            return .problem(403, "Forbidden", "the page is older than the bridge: load it again")
        }
        return nil
    }

    /// What the browser takes the bridge for. A proxy that asks by another name says which one the browser has.
    private func authorities(of request: WebRequest) -> [String] {
        let told = settings.proxies.isEmpty ? nil : request.headers["x-forwarded-host"]
        return [request.authority, told].compactMap { $0?.lowercased() }
    }

    /// In a time that does not tell how much of it was right.
    private static func isEqual(_ one: String, _ other: String) -> Bool {
        guard one.utf8.count == other.utf8.count else { return false }
        return zip(one.utf8, other.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// False for a name that somebody else's name server may have pointed here.
    private func admits(_ host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        var (v4, v6) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1 { return true }
        if settings.hosts.contains(host) || Self.ownNames.contains(host) { return true }
        // A name without a dot belongs to the house: nobody can register one, so no page of the web has it.
        return WebSettings.isName(host) && !host.contains(".")
    }

    /// What this computer is called, alone and below the domains that are for houses and belong to nobody.
    private static let ownNames: Set<String> = {
        let name = ProcessWord.host.lowercased()
        let short = name.prefix { $0 != "." }
        guard !short.isEmpty else { return [] }
        return Set(["local", "lan", "home.arpa", "internal"].map { "\(short).\($0)" } + [name])
    }()
}
