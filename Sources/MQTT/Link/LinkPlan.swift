// SPDX-License-Identifier: Apache-2.0
/// How a link connects: the settings that are the same for all attempts.
struct LinkPlan {
    var broker: BrokerSettings
    var clientID: String
    /// nil: a clean session. Otherwise the seconds for which the broker keeps the session.
    var sessionExpiry: UInt32?
    var will: MQTTMessage?
    /// Messages in flight in each direction.
    var window = 200
    /// Bytes up to which a payload is kept whole; of a larger one only the beginning is kept. With MQTT 5 the broker is
    /// asked not to send larger ones.
    var payloadLimit = 1_048_576
    var connectTimeout: Duration = .seconds(10)
    var reconnectDelay: ClosedRange<Duration> = .milliseconds(200) ... .seconds(30)

    /// Seconds; libmosquitto accepts no less than five.
    var keepAlive: Int { max(5, broker.keepAlive) }

    /// Maximum Packet Size of CONNECT (MQTT 5.0, 3.1.2.11.4): a payload at the limit, the longest topic, and
    /// properties.
    var maximumPacketSize: UInt32 { UInt32(clamping: payloadLimit) + 66 * 1024 }

    /// Copies the limits that both sides of a relay share.
    mutating func take(_ settings: RelaySettings) {
        window = settings.batchLimit
        connectTimeout = settings.connectTimeout
        reconnectDelay = settings.reconnectDelay
    }

    /// The properties of CONNECT; nil with MQTT 3.1.1, which has none.
    func options(_ version: ProtocolVersion) -> ConnectOptions? {
        version == .v5 ? ConnectOptions(sessionExpiry: sessionExpiry, maximumPacketSize: maximumPacketSize) : nil
    }

    /// A handle ready to connect.
    func makeHandle(version: ProtocolVersion) throws(MQTTError) -> MosquittoHandle {
        let handle = try MosquittoHandle(
            clientID: clientID, isClean: sessionExpiry == nil, payloadLimit: payloadLimit)
        try handle.setVersion(version)
        try handle.setWindows(receive: window, send: window)
        if let username = broker.username { try handle.setLogin(username: username, password: broker.password) }
        if let tls = broker.tls { try handle.setTLS(tls) }
        if let will { try handle.setWill(will) }
        return handle
    }
}

extension LinkPlan {
    /// The input of a relay, with its persistent session.
    ///
    /// - Parameter clientID: of a session other than the relay's own.
    init(session settings: RelaySettings, clientID: String? = nil) {
        self.init(
            broker: settings.input, clientID: clientID ?? settings.inputClientID, sessionExpiry: settings.sessionExpiry)
        payloadLimit = settings.payloadLimit
        take(settings)
    }
}
