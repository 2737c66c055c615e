// SPDX-License-Identifier: Apache-2.0

/// `serial:` of a source: a serial port and how its bytes are sent.
package struct SerialSettings: Sendable, Equatable {
    /// `/dev/serial/by-id/usb-…`, `/dev/ttyUSB0`.
    package var device: String
    package var baud: Int
    package var format = SerialFormat()

    /// The place, for people.
    package var place: String { "serial \(device) (\(baud) Bd, \(format))" }

    /// Creates the settings.
    package init(device: String, baud: Int, format: SerialFormat = SerialFormat()) {
        self.device = device
        self.baud = baud
        self.format = format
    }
}

/// The format of a byte on a serial line: `8N1`, `7E1`, `8E1`.
package struct SerialFormat: Sendable, Equatable, CustomStringConvertible {
    package enum Parity: Character, Sendable {
        case none = "N"
        case even = "E"
        case odd = "O"
    }

    /// 7 or 8.
    var dataBits = 8
    package var parity = Parity.none
    /// 1 or 2.
    var stopBits = 1

    /// The format 8N1.
    package init() {}

    /// Three characters, such as `8N1`; nil for anything else.
    package init?(_ text: String) {
        let signs = Array(text.uppercased())
        guard signs.count == 3, let data = signs[0].wholeNumberValue, (7...8).contains(data),
            let parity = Parity(rawValue: signs[1]), let stop = signs[2].wholeNumberValue, (1...2).contains(stop)
        else { return nil }
        dataBits = data
        self.parity = parity
        stopBits = stop
    }

    package var description: String { "\(dataBits)\(parity.rawValue)\(stopBits)" }
}
