// SPDX-License-Identifier: Apache-2.0
/// Where a broker is and how to enter.
public struct BrokerSettings: Sendable, Equatable {
    /// Host name or address.
    public var host: String
    /// TCP port.
    public var port: Int
    /// Name to log in with; nil: anonymous.
    public var username: String?
    /// Password of that name.
    public var password: String?
    /// nil: a plain connection.
    public var tls: TLSSettings?
    /// Seconds between signs of life, 5 at least.
    public var keepAlive: Int
    /// The version to speak.
    public var protocolVersion: ProtocolVersion

    /// A broker; port 1883, or 8883 with TLS, unless told.
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
