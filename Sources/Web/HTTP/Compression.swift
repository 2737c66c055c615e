// SPDX-License-Identifier: Apache-2.0
internal import CZlib

/// Compresses answers with gzip (RFC 1952) for clients that accept it.
enum Compression {
    /// The smallest body to compress: a shorter answer fits one packet anyway.
    static let shortest = 1024
    /// Above this size speed matters more than the last per cent.
    private static let large = 1 << 20

    /// The compressed bytes; nil when they are not shorter.
    static func gzip(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count < Int(UInt32.max) else { return nil }
        let level: Int32 = bytes.count > large ? 1 : 6
        let packed = [UInt8](unsafeUninitializedCapacity: czlib_bound(bytes.count)) { buffer, count in
            count = bytes.withUnsafeBytes {
                czlib_gzip($0.baseAddress, $0.count, buffer.baseAddress, buffer.count, level)
            }
        }
        return packed.isEmpty || packed.count >= bytes.count ? nil : packed
    }

    /// True for `Accept-Encoding: gzip, br` and the like; false when gzip is not named, or is refused with `q=0` (RFC
    /// 9110, 12.5.3).
    static func isAccepted(_ header: String?) -> Bool {
        var isEverything = false
        for coding in (header ?? "").lowercased().split(separator: ",") {
            let words = coding.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            let weight = words.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            switch words.first {
            case "gzip", "x-gzip": return weight > 0
            case "*": isEverything = weight > 0
            default: break
            }
        }
        return isEverything
    }
}

extension WebResponse {
    /// The answer, compressed if the client accepts it. A stream is not compressed: the compressor would wait for more
    /// data.
    func compressed(for request: WebRequest) -> WebResponse {
        var response = self
        let isText =
            contentType.hasPrefix("text/") || contentType.contains("json") || contentType.contains("svg")
        guard stream == nil, isText, body.count >= Compression.shortest else { return response }
        response.variesByEncoding = true
        // The length of a compressed answer to a cross-site request could reveal the page's token letter by letter
        // (BREACH).
        let isForeign = request.headers["sec-fetch-site"] == "cross-site"
        guard !isForeign, Compression.isAccepted(request.headers["accept-encoding"]),
            let packed = Compression.gzip(body)
        else { return response }
        response.body = packed
        response.encoding = "gzip"
        return response
    }
}
