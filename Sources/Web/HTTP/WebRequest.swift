// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import Foundation

/// The parts of an HTTP request that the bridge uses.
struct WebRequest: Sendable {
    /// The method as sent, such as `GET`.
    var method: String
    /// The path as sent: percent-encoded, without the query.
    var path: String
    /// The query parameters, decoded; of duplicates the last.
    var query: [String: String] = [:]
    /// The header `Host` as sent; nil without it.
    var authority: String?
    /// The headers by lower-case name; of duplicates the first.
    var headers: [String: String]
    var body: [UInt8]
    /// The client's address; nil when unknown.
    var peer: PeerAddress?

    /// - Parameters:
    ///   - target: path and query, such as `/v1/meters?x=y`.
    ///   - host: the header `Host`.
    ///   - peer: the client's address.
    init(
        method: String, target: String, host: String? = nil, headers: [String: String] = [:], body: [UInt8] = [],
        peer: PeerAddress? = nil
    ) {
        self.peer = peer
        self.method = method
        self.headers = headers
        self.body = body
        authority = host
        path = String(target.prefix { $0 != "?" && $0 != "#" })
        query = Self.query(target)
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

    /// The host name or address in `authority`, in lower case, without the port.
    var host: String? {
        authority.map { host in
            let host = host.lowercased()
            guard let end = host.lastIndex(of: "]") else { return String(host.prefix { $0 != ":" }) }
            return host[end...].dropFirst().prefix(1).allSatisfy { $0 == ":" } ? String(host[..<end].dropFirst()) : host
        }
    }

    /// True for a client that accepts JSON and not HTML.
    var isForData: Bool {
        guard let accept = headers["accept"]?.lowercased() else { return false }
        return accept.contains("json") && !accept.contains("text/html")
    }
}
