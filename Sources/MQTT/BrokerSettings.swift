// SPDX-License-Identifier: Apache-2.0
/// The address of a broker and how to log in.
public struct BrokerSettings: Sendable, Equatable {
    /// Host name or address.
    public var host: String
    /// TCP port.
    public var port: Int
    /// User name; nil: anonymous.
    public var username: String?
    /// Password of that user.
    public var password: String?
    /// nil: a plain connection.
    public var tls: TLSSettings?
    /// Keep-alive interval in seconds, at least 5.
    public var keepAlive: Int
    /// The MQTT version to use.
    public var protocolVersion: ProtocolVersion

    /// A broker; the default port is 1883, or 8883 with TLS.
    public init(
        host: String, port: Int? = nil, username: String? = nil, password: String? = nil, tls: TLSSettings? = nil,
        keepAlive: Int = 60, protocolVersion: ProtocolVersion = .automatic
    ) {
        self.host = host
        self.port = port ?? (tls == nil ? 1883 : 8883)
        self.username = username
        self.password = password
        self.tls = tls
        self.keepAlive = keepAlive
        self.protocolVersion = protocolVersion
    }

    /// `host:port` for messages.
    public var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
