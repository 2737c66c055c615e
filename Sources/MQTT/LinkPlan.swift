// SPDX-License-Identifier: Apache-2.0
/// How a link connects: all that stays the same from attempt to attempt.
struct LinkPlan {
    var broker: BrokerSettings
    var clientID: String
    /// nil: a clean session. Else the seconds that the broker keeps the session.
    var sessionExpiry: UInt32?
    var will: MQTTMessage?
    /// Messages in flight in each direction.
    var window = 200
    var connectTimeout: Duration = .seconds(10)
    var reconnectDelay: ClosedRange<Duration> = .milliseconds(200) ... .seconds(30)

    /// A handle ready to connect.
    func makeHandle(version: ProtocolVersion) throws(MQTTError) -> MosquittoHandle {
        let handle = try MosquittoHandle(clientID: clientID, isClean: sessionExpiry == nil)
        handle.setVersion(version)
        handle.setWindows(receive: window, send: window)
        if let username = broker.username { try handle.setLogin(username: username, password: broker.password) }
        if let tls = broker.tls { try handle.setTLS(tls) }
        if let will { try handle.setWill(will) }
        return handle
    }
}
