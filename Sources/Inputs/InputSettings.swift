// SPDX-License-Identifier: Apache-2.0

/// A source that is not read from the broker.
package struct InputSettings: Sendable, Equatable {
    package enum Transport: Sendable, Equatable {
        case http(HTTPSettings)
        case udp(UDPSettings)
        case tcp(TCPSettings)
        case serial(SerialSettings)

        /// The key in `bridge.yaml`.
        package var name: String {
            switch self {
            case .http: "http"
            case .udp: "udp"
            case .tcp: "tcp"
            case .serial: "serial"
            }
        }
    }

    /// The source's name in `bridge.yaml`.
    package var source: String
    /// The topic under which its messages enter the pipeline.
    package var topic: String
    package var transport: Transport

    /// Makes it of its parts.
    package init(source: String, topic: String, transport: Transport) {
        self.source = source
        self.topic = topic
        self.transport = transport
    }

    /// True for a line that bytes come on, which one program at a time can have.
    package var isStream: Bool {
        switch transport {
        case .http, .udp: false
        case .tcp, .serial: true
        }
    }

    /// `http/dongle`, `serial/cellar`: stable, one level deep, and free of what MQTT reserves.
    package static func topic(_ transport: String, source: String) -> String {
        "\(transport)/" + String(source.map { "+#/\0".contains($0) ? "_" : $0 })
    }
}

extension InputSettings.Transport: CustomStringConvertible {
    /// For people: where from. Never a password, nor the query of a URL, which may hold a token.
    package var description: String {
        switch self {
        case .http(let settings): settings.place
        case .udp(let settings): settings.place
        case .tcp(let settings): settings.place
        case .serial(let settings): settings.place
        }
    }
}
