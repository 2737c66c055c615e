// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A request, as far as the bridge looks at it.
struct WebRequest: Sendable {
    /// `GET`, as sent.
    var method: String
    /// As sent: percent-encoded, without the query.
    var path: String
    /// Behind the `?`, as sent.
    var query: String
    /// The header `Host` as sent; nil when the client does not say what it takes the server for.
    var authority: String?
    /// By their names in small letters; of those that came twice the first.
    var headers: [String: String]
    var body: [UInt8]

    /// - Parameters:
    ///   - target: `/v1/meters?x=y`.
    ///   - host: the header `Host`.
    init(
        method: String, target: String, host: String? = nil, headers: [String: String] = [:], body: [UInt8] = []
    ) {
        self.method = method
        self.headers = headers
        self.body = body
        authority = host
        let target = target.prefix { $0 != "#" }
        path = String(target.prefix { $0 != "?" })
        query = String(target.dropFirst(path.count).dropFirst())
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

    /// The value of a parameter of the query; nil where it is not there.
    func parameter(_ name: String) -> String? {
        for pair in query.split(separator: "&") where pair.hasPrefix("\(name)=") {
            return pair.dropFirst(name.count + 1).replacing("+", with: " ").removingPercentEncoding
        }
        return nil
    }
}
