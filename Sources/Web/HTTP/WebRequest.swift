// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import Foundation

/// A request, as far as the bridge looks at it.
struct WebRequest: Sendable {
    /// `GET`, as sent.
    var method: String
    /// As sent: percent-encoded, without the query.
    var path: String
    /// Its parameters, decoded; of two with one name the last.
    var query: [String: String] = [:]
    /// The header `Host` as sent; nil when the client does not say what it takes the server for.
    var authority: String?
    /// By their names in small letters; of those that came twice the first.
    var headers: [String: String]
    var body: [UInt8]
    /// Who asks; nil where that is not known.
    var peer: PeerAddress?

    /// - Parameters:
    ///   - target: `/v1/meters?x=y`.
    ///   - host: the header `Host`.
    ///   - peer: the address that the connection comes from.
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

    /// The name or the address of `authority`, in small letters and without a port.
    var host: String? {
        authority.map { host in
            let host = host.lowercased()
            guard let end = host.lastIndex(of: "]") else { return String(host.prefix { $0 != ":" }) }
            return host[end...].dropFirst().prefix(1).allSatisfy { $0 == ":" } ? String(host[..<end].dropFirst()) : host
        }
    }

    /// True for a program that wants nothing but data.
    var isForData: Bool {
        guard let accept = headers["accept"]?.lowercased() else { return false }
        return accept.contains("json") && !accept.contains("text/html")
    }
}
