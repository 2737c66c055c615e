// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A request, as far as the bridge looks at it.
struct WebRequest: Sendable {
    /// `GET`, as sent.
    var method: String
    /// As sent: percent-encoded, without the query.
    var path: String
    /// Its parameters, decoded; of two with one name the last.
    var query: [String: String] = [:]
    /// What the client takes the server for: a name or an address, without a port; nil when it does not say.
    var host: String?

    /// - Parameters:
    ///   - target: `/v1/meters?x=y`.
    ///   - host: the header `Host`.
    init(method: String, target: String, host: String? = nil) {
        self.method = method
        path = String(target.prefix { $0 != "?" && $0 != "#" })
        query = Self.query(target)
        self.host = host.map { host in
            guard let end = host.lastIndex(of: "]") else { return String(host.prefix { $0 != ":" }) }
            return host[end...].dropFirst().prefix(1).allSatisfy { $0 == ":" } ? String(host[..<end].dropFirst()) : host
        }
    }

    private static func query(_ target: String) -> [String: String] {
        guard let start = target.firstIndex(of: "?") else { return [:] }
        var query: [String: String] = [:]
        for pair in target[start...].dropFirst().prefix(while: { $0 != "#" }).split(separator: "&").prefix(64) {
            let words = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { String($0).replacing("+", with: " ") }
            guard let name = words.first else { continue }
            let value = words.count > 1 ? words[1] : ""
            query[name.removingPercentEncoding ?? name] = value.removingPercentEncoding ?? value
        }
        return query
    }

    /// False for a name that somebody else's name server may have pointed here: with such a name a page of the web makes the
    /// browser of this computer read what only this computer may (DNS rebinding).
    var isForThisComputer: Bool {
        guard let host = host?.lowercased() else { return true }
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        var (v4, v6) = (in_addr(), in6_addr())
        return inet_pton(AF_INET, host, &v4) == 1 || inet_pton(AF_INET6, host, &v6) == 1
    }
}
