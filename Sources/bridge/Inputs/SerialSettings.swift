// SPDX-License-Identifier: Apache-2.0

/// `serial:` of a source: a serial port and how its bytes are sent.
struct SerialSettings: Sendable, Equatable {
    /// `/dev/serial/by-id/usb-…`, `/dev/ttyUSB0`.
    var device: String
    var baud: Int
    var format = SerialFormat()

    /// For people.
    var place: String { "serial \(device) (\(baud) Bd, \(format))" }
}

/// How a byte is sent on a serial line: `8N1`, `7E1`, `8E1`.
struct SerialFormat: Sendable, Equatable, CustomStringConvertible {
    enum Parity: Character, Sendable {
        case none = "N"
        case even = "E"
        case odd = "O"
    }

    /// 7 or 8.
    var dataBits = 8
    var parity = Parity.none
    /// 1 or 2.
    var stopBits = 1

    /// 8N1.
    init() {}

    /// Three signs, such as `8N1`; nil for anything else.
    init?(_ text: String) {
        let signs = Array(text.uppercased())
        guard signs.count == 3, let data = signs[0].wholeNumberValue, (7...8).contains(data),
            let parity = Parity(rawValue: signs[1]), let stop = signs[2].wholeNumberValue, (1...2).contains(stop)
        else { return nil }
        dataBits = data
        self.parity = parity
        stopBits = stop
    }

    var description: String { "\(dataBits)\(parity.rawValue)\(stopBits)" }
}
