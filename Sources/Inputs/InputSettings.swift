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

    /// Creates the settings.
    package init(source: String, topic: String, transport: Transport) {
        self.source = source
        self.topic = topic
        self.transport = transport
    }

    /// True for a stream of bytes, which only one program at a time can read.
    package var isStream: Bool {
        switch transport {
        case .http, .udp: false
        case .tcp, .serial: true
        }
    }

    /// `http/dongle`, `serial/cellar`: stable, one level deep, without characters that MQTT reserves.
    package static func topic(_ transport: String, source: String) -> String {
        "\(transport)/" + String(source.map { "+#/\0".contains($0) ? "_" : $0 })
    }
}

extension InputSettings.Transport: CustomStringConvertible {
    /// The place, for people. Never with a password or the query of a URL, which may contain a token.
    package var description: String {
        switch self {
        case .http(let settings): settings.place
        case .udp(let settings): settings.place
        case .tcp(let settings): settings.place
        case .serial(let settings): settings.place
        }
    }
}
