// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Inputs

/// Reads `http:` or `udp:` of a source; `StreamReader` reads `tcp:` and `serial:`.
struct TransportReader {
    let problems: ProblemList
    let files: FileFinder

    /// The keys of the transports; a source that is not read from the broker has one of them.
    static let keys = ["http", "udp", "tcp", "serial"]

    /// The input of a source; nil for a source that is read from the broker.
    func read(_ map: inout YAMLReader, source: String) -> InputSettings? {
        let members = Self.keys.compactMap { map.member($0) }
        guard let member = members.first else { return nil }
        if members.count > 1 {
            problems.error(
                members[1].keyMark,
                "a source is read by \"\(member.key)\" or by \"\(members[1].key)\", not by both")
        }
        for key in ["subscribe", "qos"] {
            guard let other = map.member(key) else { continue }
            problems.error(
                other.keyMark,
                "\"\(key)\" is for MQTT: this source is read by \"\(member.key)\"; make two sources of it")
        }
        let streams = StreamReader(problems: problems)
        let transport: InputSettings.Transport?
        switch member.key {
        case "http": transport = http(member)
        case "udp": transport = udp(member)
        case "tcp": transport = streams.tcp(member)
        default: transport = streams.serial(member)
        }
        return transport.map {
            InputSettings(source: source, topic: InputSettings.topic(member.key, source: source), transport: $0)
        }
    }

    // MARK: HTTP

    private func http(_ member: YAMLNode.Member) -> InputSettings.Transport? {
        if case .scalar(let text, _) = member.value.content, !member.value.isNull {
            return url(text, at: member.value.mark).map { .http(HTTPSettings(url: $0.url, headers: $0.headers)) }
        }
        var map = YAMLReader(member.value, what: "\"http\"", at: member.keyMark, problems: problems)
        let place = map.text("url").flatMap { url($0, at: map.node("url")?.mark ?? map.mark) }
        if map.node("url") == nil {
            problems.error(map.mark, "\"http\" needs a \"url\": http://HOST/PATH")
        }
        var headers = place?.headers ?? [:]
        for (name, value) in self.headers(map.node("headers")) { headers[name] = value }
        if let authorization = authorization(&map) { headers["Authorization"] = authorization }
        var settings = place.map { HTTPSettings(url: $0.url, headers: headers) }
        if let every = span("every", .milliseconds(500) ... .days(1), "500ms to 1d", &map) {
            settings?.interval = Duration(every)
            // An answer that takes longer than the interval is late in any case.
            settings?.timeout = Duration(min(.seconds(5), max(every, .seconds(1))))
        }
        if let timeout = span("timeout", .milliseconds(100) ... .minutes(5), "100ms to 5m", &map) {
            settings?.timeout = Duration(timeout)
        }
        map.finish(synonyms: ["interval": "every", "period": "every", "user": "username", "bearer": "token"])
        return settings.map { .http($0) }
    }

    private func span(
        _ key: String, _ range: ClosedRange<TimeSpan>, _ words: String, _ map: inout YAMLReader
    ) -> TimeSpan? {
        guard let span = map.span(key) else { return nil }
        if range.contains(span) { return span }
        problems.error(map.node(key)?.mark ?? map.mark, "\"\(key)\" is \(words)")
        return nil
    }

    /// Reads a URL; its user and password become a header, as in browsers.
    private func url(_ text: String, at mark: SourceMark) -> (url: URL, headers: [String: String])? {
        var components = URLComponents(string: text)
        guard let scheme = components?.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = components?.host, !host.isEmpty
        else {
            problems.error(mark, "this is not a URL to poll; write http://HOST/PATH or https://HOST/PATH")
            return nil
        }
        if host.contains(":") {
            // URLSession on Linux (Swift 6.3) fails for such a URL with NSURLErrorBadURL, without a request.
            problems.error(mark, "an IPv6 address cannot be polled by HTTP here: write the host's name")
        }
        var headers: [String: String] = [:]
        if let user = components?.user {
            headers["Authorization"] = Self.basic(user, components?.password ?? "")
        }
        components?.user = nil
        components?.password = nil
        return components?.url.map { ($0, headers) }
    }

    private func headers(_ node: YAMLNode?) -> [(String, String)] {
        guard let node, !node.isNull else { return [] }
        guard case .mapping(let members) = node.content else {
            problems.error(node.mark, "\"headers\" is a mapping of names to values")
            return []
        }
        return members.compactMap { member in
            let token = member.key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            guard token, !member.key.isEmpty, let value = member.value.text(member.key, problems: problems),
                !value.utf8.contains(where: { $0 < 0x20 })
            else {
                problems.error(
                    member.keyMark, "this is not a header, which is a name without blanks and a value of one line")
                return nil
            }
            return (member.key, value)
        }
    }

    private func authorization(_ map: inout YAMLReader) -> String? {
        let secrets = SecretReader(problems: problems, files: files)
        let user = map.text("username")
        let password = secrets.read("password", &map)
        let token = secrets.read("token", &map)
        if let password, user == nil { problems.error(password.mark, "\"password\" needs a \"username\" beside it") }
        if let token {
            if user != nil { problems.error(token.mark, "write \"token\" or \"username\", not both") }
            return "Bearer \(token.text)"
        }
        return user.map { Self.basic($0, password?.text ?? "") }
    }

    private static func basic(_ user: String, _ password: String) -> String {
        "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }

    // MARK: UDP

    private func udp(_ member: YAMLNode.Member) -> InputSettings.Transport? {
        var map = YAMLReader(member.value, what: "\"udp\"", at: member.keyMark, problems: problems)
        let port = map.number("port", in: 1...65_535)
        if map.node("port") == nil { problems.error(map.mark, "\"udp\" needs a \"port\"") }
        let group = address("group", &map)
        if let group, !group.isMulticast {
            problems.error(
                map.node("group")?.mark ?? map.mark,
                "\"group\" is a multicast address from 224.0.0.0 to 239.255.255.255, not \(group); "
                    + "without it datagrams to this host are read")
        }
        let sender = address("from", &map)
        let interface = map.text("interface")
        map.finish(synonyms: ["multicast": "group", "address": "group", "iface": "interface", "sender": "from"])
        return port.map {
            .udp(UDPSettings(port: UInt16($0), group: group, interface: interface, sender: sender))
        }
    }

    private func address(_ key: String, _ map: inout YAMLReader) -> IPv4Address? {
        guard let text = map.text(key) else { return nil }
        if let address = IPv4Address(text) { return address }
        problems.error(map.node(key)?.mark ?? map.mark, "\"\(key)\" is an IPv4 address, not \"\(text)\"")
        return nil
    }
}
