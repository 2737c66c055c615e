// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import Machine

/// Reads `broker:`: a URL, or a mapping with one.
package struct BrokerReader {
    let problems: ProblemList
    let files: FileFinder

    /// - Parameter client: the client id when the configuration names none.
    func read(_ node: YAMLNode?, what: String, at mark: SourceMark, client: String) -> BrokerConfiguration {
        if let node, case .scalar(let text, _) = node.content, !node.isNull {
            let settings = self.settings(url: text, at: node.mark) ?? BrokerSettings(host: "localhost")
            let place = "\(what) (\(node.mark.lineReference))"
            return BrokerConfiguration(
                settings: settings, clientID: client, sessionExpiry: 7 * 86_400, place: place,
                advice: Self.advice(settings, credentials: place, place: place))
        }
        var map = YAMLReader(node, what: what, at: mark, problems: problems)
        var settings =
            map.text("url").flatMap { self.settings(url: $0, at: map.node("url")?.mark ?? map.mark) }
            ?? BrokerSettings(host: "localhost")
        settings.username = map.text("username") ?? settings.username
        let place = "\(what) (\(map.mark.lineReference))"
        var credentials = credentialsPlace("username", &map, otherwise: place)
        let isInline = map.member("password") != nil
        if let (password, mark) = SecretReader(problems: problems, files: files).read("password", &map) {
            settings.password = password
            credentials = credentialsPlace(isInline ? "password" : "password_file", &map, otherwise: credentials)
            if isInline { warnOfOpenConfiguration(password, at: mark) }
        }
        settings.keepAlive = map.number("keepalive", in: 5...3600) ?? settings.keepAlive
        settings.protocolVersion = protocolVersion(&map)
        let tls = TLSSettings(
            caFile: file("ca_file", &map), certificateFile: file("cert_file", &map), keyFile: file("key_file", &map),
            alpn: map.text("alpn"))
        if tls != TLSSettings() {
            if settings.tls == nil {
                problems.error(map.mark, "certificates are for TLS: write mqtts:// in the url of \"\(what)\"")
            }
            if (tls.certificateFile == nil) != (tls.keyFile == nil) {
                problems.error(map.mark, "\"cert_file\" and \"key_file\" go together")
            }
            settings.tls = tls
        }
        let clientID = map.text("client_id")
        let acceptsLoss = what == "output_broker" && self.acceptsLoss(&map)
        let expiry = map.span("session_expiry") ?? .days(7)
        map.finish(synonyms: ["host": "url", "port": "url", "user": "username", "server": "url", "tls": "url"])
        return BrokerConfiguration(
            settings: settings, clientID: clientID ?? client, hasOwnClientID: clientID != nil, acceptsLoss: acceptsLoss,
            sessionExpiry: UInt32(clamping: expiry.seconds), place: place,
            advice: Self.advice(settings, credentials: credentials, place: place))
    }

    /// `qos: 0` or `1`.
    private func acceptsLoss(_ map: inout YAMLReader) -> Bool { map.number("qos", in: 0...1) == 0 }

    private static func advice(_ settings: BrokerSettings, credentials: String, place: String) -> String {
        // A client with a certificate may need no user name.
        settings.username == nil && settings.tls?.certificateFile == nil
            ? "give \(place) a \"username\" and a \"password_file\"" : "check \(credentials)"
    }

    private func credentialsPlace(_ key: String, _ map: inout YAMLReader, otherwise: String) -> String {
        map.member(key).map { "\(key) (\($0.keyMark.lineReference))" } ?? otherwise
    }

    /// The settings of a URL: `mqtt://user:password@host:1883`; `mqtts` is TLS with the host's certificates.
    private func settings(url text: String, at mark: SourceMark) -> BrokerSettings? {
        let components = URLComponents(string: text.contains("://") ? text : "mqtt://\(text)")
        guard let components, let scheme = components.scheme, ["mqtt", "mqtts"].contains(scheme),
            let host = components.host, !host.isEmpty, components.path.isEmpty || components.path == "/"
        else {
            problems.error(
                mark, "\"\(Self.withoutPassword(text))\" is not a broker; write mqtt://HOST:1883 or mqtts://HOST:8883")
            return nil
        }
        var settings = BrokerSettings(host: host.trimmingCharacters(in: ["[", "]"]))
        settings.port = components.port ?? (scheme == "mqtts" ? 8883 : 1883)
        if let password = components.percentEncodedPassword { warnOfOpenConfiguration(password, at: mark) }
        settings.username = components.user
        settings.password = components.password
        settings.tls = scheme == "mqtts" ? TLSSettings() : nil
        return settings
    }

    /// The URL for messages, without the password: everything from the first colon after the scheme to the last `@`
    /// becomes `***`.
    package static func withoutPassword(_ url: String) -> String {
        guard let end = url.lastIndex(of: "@") else { return url }
        let start = url.range(of: "://")?.upperBound ?? url.startIndex
        guard start <= end, let colon = url[start..<end].firstIndex(of: ":") else { return url }
        return url[...colon] + "***" + url[end...]
    }

    private func protocolVersion(_ map: inout YAMLReader) -> ProtocolVersion {
        guard let node = map.node("protocol"), let text = node.text("protocol", problems: problems) else {
            return .automatic
        }
        switch text {
        case "auto": return .automatic
        case "5", "5.0": return .v5
        case "3.1.1", "311": return .v311
        default:
            problems.error(node.mark, "\"protocol\" is auto, 5 or 3.1.1, not \"\(text)\"")
            return .automatic
        }
    }

    /// Warns when every user can read the file and the password is in its text, not from the environment.
    private func warnOfOpenConfiguration(_ password: String, at mark: SourceMark) {
        guard files.isOpenToAll(mark.file), let text = try? String(contentsOfFile: mark.file, encoding: .utf8),
            text.contains(password)
        else { return }
        problems.warning(
            mark, "everybody on this computer can read \(mark.file) and the password in it: chmod 600")
    }

    private func file(_ key: String, _ map: inout YAMLReader) -> String? {
        guard let name = map.text(key) else { return nil }
        let path = files.path(name)
        if !FileManager.default.isReadableFile(atPath: path) {
            problems.error(map.node(key)?.mark ?? map.mark, UnreadableFile.sentence("\(key) \"\(name)\"", at: path))
        }
        if key == "key_file", files.isOpenToAll(path) {
            problems.warning(
                map.node(key)?.mark ?? map.mark, "everybody on this computer can read \(path): chmod 600")
        }
        return path
    }
}
