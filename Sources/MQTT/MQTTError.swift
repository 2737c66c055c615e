// SPDX-License-Identifier: Apache-2.0
/// An error of a broker connection; the description is one line for an operator.
public enum MQTTError: Error, Sendable, Equatable {
    /// The broker refused the user name and password, or this client altogether. The caller knows which setting to
    /// check.
    case notAuthorised(username: String?)
    /// The broker refused the client id.
    case identifierRejected(clientID: String, address: String)
    /// The broker refused for a reason that may be temporary.
    case refused(address: String, reason: String)
    /// The broker does not support the configured MQTT version.
    case versionRefused(address: String, version: ProtocolVersion)
    /// Name resolution failed or no port answered.
    case unreachable(address: String, reason: String)
    /// The server's certificate does not verify.
    case notTrusted(address: String, reason: String)
    /// The TLS handshake failed for another reason.
    case tlsFailed(address: String, reason: String)
    /// A plain connection reached a TLS listener.
    case speaksTLS(address: String)
    /// A TLS connection reached a plain listener.
    case speaksPlain(address: String)
    /// A certificate or key file cannot be read.
    case unreadableFile(path: String, reason: String)
    /// The connection ended, also before CONNACK.
    case connectionLost(address: String, reason: String)
    /// The broker did not answer within the time allowed.
    case timedOut(address: String, waitingFor: String)
    /// Another client uses the same id.
    case sessionTakenOver(clientID: String)
    /// Another process with the same bridge name is running.
    case alreadyRunning(name: String)
    /// A subscription was refused.
    case subscriptionRefused(filter: String, reason: String)
    /// A publication was refused.
    case publicationRefused(topic: String, reason: String)
    /// A call of libmosquitto failed.
    case library(operation: String, code: Int32, text: String)

    /// True when waiting cannot help until the configuration is changed.
    public var isConfigurationFault: Bool {
        switch self {
        case .notAuthorised, .identifierRejected, .versionRefused, .notTrusted, .speaksTLS, .speaksPlain,
            .unreadableFile, .sessionTakenOver, .alreadyRunning, .subscriptionRefused, .publicationRefused:
            true
        case .refused, .unreachable, .tlsFailed, .connectionLost, .timedOut, .library:
            false
        }
    }
}

extension MQTTError {
    /// The cause without addresses, names and paths, for the readiness answer, which anyone may request.
    public var cause: String {
        switch self {
        case .notAuthorised: "not authorised"
        case .identifierRejected: "the broker rejects the client id"
        case .refused(_, let reason): "refused: \(reason)"
        case .versionRefused(_, let version): "the broker does not speak \(version)"
        case .unreachable(_, let reason), .connectionLost(_, let reason), .subscriptionRefused(_, let reason),
            .publicationRefused(_, let reason):
            reason
        case .notTrusted(_, let reason): "the certificate is not trusted: \(reason)"
        case .tlsFailed(_, let reason): "no TLS connection: \(reason)"
        case .speaksTLS: "the broker speaks TLS"
        case .speaksPlain: "the broker does not speak TLS"
        case .unreadableFile: "a file for TLS cannot be read"
        case .timedOut(_, let waitingFor): "no \(waitingFor) in time"
        case .sessionTakenOver: "another client took the session"
        case .alreadyRunning: "another process is running already"
        case .library(_, _, let text): text
        }
    }
}

extension MQTTError: CustomStringConvertible {
    /// Subject, cause and place in one line.
    public var description: String {
        switch self {
        case .notAuthorised(nil): "not authorised without a username"
        case .notAuthorised(let username?): "not authorised as \"\(username)\""
        case .identifierRejected(let clientID, let address): "\(address) rejects the client id \"\(clientID)\""
        case .refused(let address, let reason): "\(address) refuses the connection: \(reason)"
        case .versionRefused(let address, let version): "\(address) does not speak \(version)"
        case .unreachable(let address, let reason): "cannot reach \(address): \(reason)"
        case .notTrusted(let address, let reason): "the certificate of \(address) is not trusted: \(reason)"
        case .tlsFailed(let address, let reason): "no TLS connection to \(address): \(reason)"
        case .speaksTLS(let address): "\(address) speaks TLS: write mqtts:// in the broker url"
        case .speaksPlain(let address): "\(address) does not speak TLS: write mqtt:// in the broker url"
        case .unreadableFile(let path, let reason): "cannot read \(path): \(reason)"
        case .connectionLost(let address, let reason): "connection to \(address) lost: \(reason)"
        case .timedOut(let address, let waitingFor): "no \(waitingFor) from \(address) in time"
        case .sessionTakenOver(let clientID):
            "another client took the session \"\(clientID)\": is obis-bridge running twice?"
        case .alreadyRunning(let name): "\(name) is running already"
        case .subscriptionRefused(let filter, let reason): "subscription to \(filter) refused: \(reason)"
        case .publicationRefused(let topic, let reason): "publication on \(topic) refused: \(reason)"
        case .library(let operation, let code, let text): "\(operation) failed: \(text) (code \(code))"
        }
    }
}
