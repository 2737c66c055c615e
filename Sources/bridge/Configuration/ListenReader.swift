// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Reads `http:`: a port, an address with one, or a mapping with `listen`, `hosts` and `read_only`. Without it nothing listens.
struct ListenReader {
    let problems: ProblemList

    func read(_ node: YAMLNode?, at mark: SourceMark) -> WebSettings? {
        guard let node, !node.isNull else { return nil }
        if case .scalar(let text, _) = node.content {
            return address(text, of: "http", at: node.mark).map { WebSettings(address: $0) }
        }
        var map = YAMLReader(node, what: "\"http\"", at: mark, problems: problems)
        let text = map.text("listen")
        let place = map.node("listen")?.mark ?? map.mark
        let hosts = map.texts("hosts") ?? []
        let isReadOnly = map.flag("read_only") ?? false
        map.finish(synonyms: [
            "port": "listen", "address": "listen", "bind": "listen", "host": "hosts", "names": "hosts",
            "readonly": "read_only",
        ])
        for (host, place) in hosts where !WebSettings.isName(host) {
            problems.error(
                place, "\"hosts\" are names without scheme and port (nuc.lan, meters.example.org), not \"\(host)\"")
        }
        guard let address = text.flatMap({ address($0, of: "listen", at: place) }) else { return nil }
        return WebSettings(address: address, hosts: hosts.map { $0.text.lowercased() }, isReadOnly: isReadOnly)
    }

    private func address(_ text: String, of key: String, at mark: SourceMark) -> ListenAddress? {
        guard let address = ListenAddress(text) else {
            problems.error(
                mark,
                "\"\(key)\" is a port from 1 to 65535, or an address of this computer with one (127.0.0.1:8080, "
                    + "\"[::1]:8080\"), not \"\(text)\"")
            return nil
        }
        if !address.isLoopback {
            problems.warning(
                mark,
                "whoever reaches \(address) sees the house's consumption, and nobody is asked for a password: listen on "
                    + "\(ListenAddress.loopback), behind a reverse proxy (docs/http.md)")
        }
        return address
    }
}
