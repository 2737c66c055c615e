// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// Reads `influx:`: a server with a database (InfluxDB 1), or with an organisation, a bucket and a token (InfluxDB 2
/// and 3).
struct InfluxReader {
    let problems: ProblemList
    let files: FileFinder

    func read(_ node: YAMLNode?, at mark: SourceMark) -> InfluxSettings? {
        guard let node, !node.isNull else { return nil }
        var map = YAMLReader(node, what: "\"influx\"", at: mark, problems: problems)
        let place = map.node("url")?.mark ?? map.mark
        let base = map.text("url")
        let database = map.text("database")
        let (organisation, bucket) = (map.text("org"), map.text("bucket"))
        let secrets = SecretReader(problems: problems, files: files)
        let user = map.text("username")
        let password = secrets.read("password", &map)
        let token = secrets.read("token", &map)
        let measurement = map.text("measurement")
        let meters = map.texts("meters").map { Set($0.map { MeterID.level(given: $0.text) }) }
        map.finish(synonyms: [
            "db": "database", "organisation": "org", "organization": "org", "user": "username", "host": "url",
            "name": "measurement",
        ])
        guard let base, var parts = URLComponents(string: base), let scheme = parts.scheme,
            ["http", "https"].contains(scheme), parts.host?.isEmpty == false, parts.user == nil
        else {
            problems.error(place, "\"influx\" needs a \"url\": http://HOST:8086")
            return nil
        }
        var headers = ["Content-Type": "text/plain; charset=utf-8"]
        switch (database, bucket) {
        case (let database?, nil):
            parts.path += "/write"
            parts.queryItems = [
                URLQueryItem(name: "db", value: database), URLQueryItem(name: "precision", value: "ms"),
            ]
        case (nil, let bucket?):
            parts.path += "/api/v2/write"
            parts.queryItems =
                (organisation.map { [URLQueryItem(name: "org", value: $0)] } ?? [])
                + [URLQueryItem(name: "bucket", value: bucket), URLQueryItem(name: "precision", value: "ms")]
        default:
            problems.error(
                map.mark,
                "\"influx\" needs a \"database\" (InfluxDB 1), or a \"bucket\" with \"org\" (InfluxDB 2), one of them")
            return nil
        }
        if let token {
            headers["Authorization"] = "Token \(token.text)"
        } else if let user {
            headers["Authorization"] = "Basic " + Data("\(user):\(password?.text ?? "")".utf8).base64EncodedString()
        }
        // The server reads a plus in a query as a blank.
        parts.percentEncodedQuery = parts.percentEncodedQuery?.replacing("+", with: "%2B")
        guard let url = parts.url else { return nil }
        return InfluxSettings(url: url, headers: headers, measurement: measurement ?? "meter", meters: meters)
    }
}
