// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Reads `http:`: a port, an address with one, or a mapping with `listen`, `hosts`, `proxy` and `read_only`. Without it
/// nothing listens.
struct ListenReader {
    let problems: ProblemList

    func read(_ node: YAMLNode?, at mark: SourceMark) -> WebSettings? {
        guard let node, !node.isNull else { return nil }
        if case .scalar(let text, _) = node.content {
            return address(text, of: "http", at: node.mark, isOpen: true).map { WebSettings(address: $0) }
        }
        var map = YAMLReader(node, what: "\"http\"", at: mark, problems: problems)
        let text = map.text("listen")
        let place = map.node("listen")?.mark ?? map.mark
        let hosts = map.texts("hosts") ?? []
        let named = map.texts("proxy")
        let isReadOnly = map.flag("read_only") ?? false
        map.finish(synonyms: [
            "port": "listen", "address": "listen", "bind": "listen", "host": "hosts", "names": "hosts",
            "proxies": "proxy", "trusted_proxies": "proxy", "clients": "proxy", "allow": "proxy",
            "readonly": "read_only",
        ])
        for (host, place) in hosts where !WebSettings.isName(host) {
            problems.error(
                place, "\"hosts\" are names without scheme and port (nuc.lan, meters.example.org), not \"\(host)\"")
        }
        guard let address = text.flatMap({ address($0, of: "listen", at: place, isOpen: (named ?? []).isEmpty) }) else {
            return nil
        }
        // An invalid proxy list has been reported; it must not become a server that answers every client.
        guard let proxies = proxies(named ?? []) else { return nil }
        return WebSettings(
            address: address, hosts: hosts.map { $0.text.lowercased() }, proxies: proxies, isReadOnly: isReadOnly)
    }

    /// The proxies' addresses; nil when one of them is invalid.
    private func proxies(_ named: [(text: String, mark: SourceMark)]) -> [String]? {
        var proxies: [String] = []
        for (text, place) in named {
            guard let address = PeerAddress(text) else {
                problems.error(
                    place,
                    "\"proxy\" is the address of the proxy, 172.30.32.2, without a port and not a name: \"\(text)\"")
                return nil
            }
            guard !address.isLoopback else {
                problems.error(
                    place,
                    "a proxy on this computer cannot be told from its browsers by the address \(text): leave \"proxy\" out, "
                        + "and write the names that browsers show below \"hosts\"")
                return nil
            }
            proxies.append(address.text)
        }
        return proxies
    }

    /// - Parameter isOpen: true when the server answers every client that reaches the address.
    private func address(_ text: String, of key: String, at mark: SourceMark, isOpen: Bool) -> ListenAddress? {
        guard let address = ListenAddress(text) else {
            problems.error(
                mark,
                "\"\(key)\" is a port from 1 to 65535, or an address of this computer with one (127.0.0.1:8080, "
                    + "\"[::1]:8080\"), not \"\(text)\"")
            return nil
        }
        if isOpen, !address.isLoopback {
            problems.warning(
                mark,
                "everyone who reaches \(address) sees the house's consumption without a password: listen on "
                    + "\(ListenAddress.loopback), behind a reverse proxy (docs/http.md)")
        }
        return address
    }
}
