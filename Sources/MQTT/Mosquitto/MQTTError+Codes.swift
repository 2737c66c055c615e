// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

extension MQTTError {
    /// A libmosquitto error with its text, read at once because code 14 refers to `errno`.
    static func library(operation: String, code: Int32 = MOSQ_ERR_ERRNO.rawValue, errno: Int32) -> MQTTError {
        .library(operation: operation, code: code, text: Self.text(code: code, errno: errno))
    }

    static func text(code: Int32, errno cause: Int32) -> String {
        if code == MOSQ_ERR_ERRNO.rawValue {
            return cause == 0 ? "the connection was closed" : String(cString: strerror(cause))
        }
        let text = String(cString: mosquitto_strerror(code))
        return text.last == "." ? String(text.dropLast()) : text
    }

    /// Why a connection ended, in the operator's words where libmosquitto's text is too vague.
    static func lossText(code: Int32, errno cause: Int32, complaint: String?) -> String {
        switch mosq_err_t(code) {
        case MOSQ_ERR_SUCCESS, MOSQ_ERR_CONN_LOST: "closed by the broker"
        case MOSQ_ERR_KEEPALIVE: "no answer within the keep-alive time"
        case MOSQ_ERR_PROTOCOL, MOSQ_ERR_MALFORMED_PACKET: "the answer is not MQTT"
        case MOSQ_ERR_ERRNO where cause == 0 || cause == EPROTO: complaint ?? "closed by the broker"
        default: text(code: code, errno: cause)
        }
    }

    /// A refusing CONNACK as an error; nil: the broker does not speak this version of MQTT.
    static func refusal(reason: Int32, broker: BrokerSettings, clientID: String, version: ProtocolVersion) -> MQTTError?
    {
        if version == .v311 {
            switch UInt32(bitPattern: reason) {
            case CONNACK_REFUSED_PROTOCOL_VERSION.rawValue: return nil
            case CONNACK_REFUSED_IDENTIFIER_REJECTED.rawValue:
                return .identifierRejected(clientID: clientID, address: broker.address)
            case CONNACK_REFUSED_BAD_USERNAME_PASSWORD.rawValue, CONNACK_REFUSED_NOT_AUTHORIZED.rawValue:
                return .notAuthorised(username: broker.username)
            default:
                return .refused(address: broker.address, reason: connackText(reason))
            }
        }
        switch UInt32(bitPattern: reason) {
        case CONNACK_REFUSED_PROTOCOL_VERSION.rawValue, MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION.rawValue: return nil
        case MQTT_RC_CLIENTID_NOT_VALID.rawValue:
            return .identifierRejected(clientID: clientID, address: broker.address)
        case MQTT_RC_BAD_USERNAME_OR_PASSWORD.rawValue, MQTT_RC_NOT_AUTHORIZED.rawValue, MQTT_RC_BANNED.rawValue,
            MQTT_RC_BAD_AUTHENTICATION_METHOD.rawValue:
            return .notAuthorised(username: broker.username)
        default:
            return .refused(address: broker.address, reason: reasonText(reason))
        }
    }

    /// The name of an MQTT 5 reason code.
    static func reasonText(_ reason: Int32) -> String {
        lowerCased(String(cString: mosquitto_reason_string(reason)))
    }

    private static func connackText(_ reason: Int32) -> String {
        let text = String(cString: mosquitto_connack_string(reason))
        let prefix = "Connection Refused: "
        let cause = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
        return lowerCased(cause.last == "." ? String(cause.dropLast()) : cause)
    }

    private static func lowerCased(_ text: String) -> String {
        text.prefix(1).lowercased() + text.dropFirst()
    }
}
