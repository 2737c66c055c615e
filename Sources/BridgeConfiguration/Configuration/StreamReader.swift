// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Inputs

/// Reads `tcp:` and `serial:` of a source.
struct StreamReader {
    let problems: ProblemList

    /// `{host: ser2net.lan, port: 3333}`, or `ser2net.lan:3333`.
    func tcp(_ member: YAMLNode.Member) -> InputSettings.Transport? {
        if case .scalar(let text, _) = member.value.content, !member.value.isNull {
            if let settings = TCPSettings(text) { return .tcp(settings) }
            problems.error(
                member.value.mark, "\"tcp\" is HOST:PORT, [IPv6]:PORT, or {host: HOST, port: PORT}, not \"\(text)\"")
            return nil
        }
        var map = YAMLReader(member.value, what: "\"tcp\"", at: member.keyMark, problems: problems)
        let text = map.text("host")
        let host = text.flatMap { TCPSettings.host($0) }
        if let text, host == nil {
            problems.error(map.node("host")?.mark ?? map.mark, "\"host\" is a name or an address, not \"\(text)\"")
        }
        let port = map.number("port", in: 1...65_535)
        for key in ["host", "port"] where map.node(key) == nil {
            problems.error(map.mark, "\"tcp\" needs a \"\(key)\": {host: ser2net.lan, port: 3333}")
        }
        map.finish(synonyms: ["address": "host", "server": "host", "ip": "host"])
        guard let host, let port else { return nil }
        return .tcp(TCPSettings(host: host, port: UInt16(port)))
    }

    /// `{device: /dev/ttyUSB0, baud: 115200, format: 8N1}`.
    func serial(_ member: YAMLNode.Member) -> InputSettings.Transport? {
        var map = YAMLReader(member.value, what: "\"serial\"", at: member.keyMark, problems: problems)
        let device = map.text("device")
        if map.node("device") == nil {
            problems.error(map.mark, "\"serial\" needs a \"device\": /dev/serial/by-id/… or /dev/ttyUSB0")
        } else if let device, !device.hasPrefix("/") || device.utf8.contains(0) {
            problems.error(
                map.node("device")?.mark ?? map.mark, "\"device\" is a path such as /dev/ttyUSB0, not \"\(device)\"")
        }
        let baud = map.number("baud", in: 1...4_000_000)
        if map.node("baud") == nil {
            problems.error(
                map.mark,
                "\"serial\" needs a \"baud\": 115200 for P1 since DSMR 4, 9600 for most optical heads, 2400 for M-Bus; "
                    + "obis-bridge discover --serial \(device ?? "DEVICE") tries the usual settings")
        } else if let baud, SerialSpeed.flags[baud] == nil {
            let speeds = SerialSpeed.flags.keys.sorted().map(String.init).joined(separator: ", ")
            problems.error(map.node("baud")?.mark ?? map.mark, "\"baud\" is one of \(speeds), not \(baud)")
        }
        let text = map.text("format")
        let format = text.map { SerialFormat($0) } ?? SerialFormat()
        if let text, format == nil {
            problems.error(
                map.node("format")?.mark ?? map.mark,
                "\"format\" is data bits, parity and stop bits: 8N1, 7E1 or 8E1, not \"\(text)\"")
        }
        map.finish(
            synonyms: [
                "port": "device", "path": "device", "tty": "device", "speed": "baud", "baudrate": "baud",
                "parity": "format", "mode": "format",
            ])
        guard let device, let baud, let format else { return nil }
        return .serial(SerialSettings(device: device, baud: baud, format: format))
    }
}
