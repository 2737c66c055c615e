// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// The properties of CONNECT (MQTT 5.0, 3.1.2.11).
struct ConnectOptions {
    /// Seconds for which the broker keeps the session; nil: a clean one.
    var sessionExpiry: UInt32?
    /// Bytes of the largest packet that the broker may send. The broker discards larger ones.
    var maximumPacketSize: UInt32

    var properties: [(mqtt5_property, UInt32)] {
        [(MQTT_PROP_MAXIMUM_PACKET_SIZE, maximumPacketSize)]
            + (sessionExpiry.map { [(MQTT_PROP_SESSION_EXPIRY_INTERVAL, $0)] } ?? [])
    }
}

/// The owner of one `struct mosquitto *`.
///
/// A class and not a noncopyable value, because a connection attempt on another thread must keep the struct alive after
/// the relay has given it up. The last reference destroys it without writing: withheld acknowledgements are dropped
/// with it.
final class MosquittoHandle: @unchecked Sendable {
    // Unchecked: it is used by one thread at a time. The connecting thread hands it over through a lock.
    private let mosquitto: OpaquePointer
    private let context: Unmanaged<CallbackContext>
    /// True for a clean session: everything that is lost with it is sent again.
    private let isClean: Bool
    /// Set once TCP is connected.
    private var writer: ConnectionWriter?

    private static let library: Void = {
        mosquitto_lib_init()
        // A write to a closed socket must return an error code; newer libraries no longer ensure that.
        signal(SIGPIPE, SIG_IGN)
    }()

    init(clientID: String, isClean: Bool, payloadLimit: Int) throws(MQTTError) {
        Self.library
        let context = Unmanaged.passRetained(CallbackContext(payloadLimit: payloadLimit))
        guard let mosquitto = mosquitto_new(clientID, isClean, context.toOpaque()) else {
            let error = MQTTError.library(operation: "creating a client", errno: errno)
            context.release()
            throw error
        }
        self.mosquitto = mosquitto
        self.context = context
        self.isClean = isClean
        CallbackContext.register(on: mosquitto)
        // "threaded" is what makes libmosquitto queue acknowledgements until `write()`, the heart of the delivery promise.
        mosquitto_threaded_set(mosquitto, true)
        // An optimisation: a failure is harmless.
        _ = mosquitto_int_option(mosquitto, MOSQ_OPT_TCP_NODELAY, 1)
    }

    deinit {
        mosquitto_destroy(mosquitto)
        context.release()
    }

    // MARK: Before connecting

    func setVersion(_ version: ProtocolVersion) throws(MQTTError) {
        let number = version == .v311 ? PROTOCOL_VERSION_v311 : PROTOCOL_VERSION_v5
        try check("setting the version", mosquitto_int_option(mosquitto, MOSQ_OPT_PROTOCOL_VERSION, number))
    }

    func setWindows(receive: Int, send: Int) throws(MQTTError) {
        for (option, window) in [(MOSQ_OPT_RECEIVE_MAXIMUM, receive), (MOSQ_OPT_SEND_MAXIMUM, send)] {
            try check("setting the window", mosquitto_int_option(mosquitto, option, Int32(clamping: window)))
        }
    }

    func setLogin(username: String, password: String?) throws(MQTTError) {
        try check("setting the username", mosquitto_username_pw_set(mosquitto, username, password))
    }

    func setWill(_ will: MQTTMessage) throws(MQTTError) {
        let status = will.payload.withUnsafeBytes { bytes in
            mosquitto_will_set(
                mosquitto, will.topic, Int32(bytes.count), bytes.baseAddress, Int32(will.qos.rawValue), will.isRetained)
        }
        try check("setting the last will", status)
    }

    func setTLS(_ tls: TLSSettings) throws(MQTTError) {
        for path in [tls.caFile, tls.certificateFile, tls.keyFile] {
            guard let path, access(path, R_OK) != 0 else { continue }
            throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
        }
        if let caFile = tls.caFile {
            try check(
                "setting the certificates",
                mosquitto_tls_set(mosquitto, caFile, nil, tls.certificateFile, tls.keyFile, nil))
        } else {
            // libmosquitto requires a CA file or folder beside a client certificate.
            let folder = tls.certificateFile == nil ? nil : "/etc/ssl/certs"
            if let folder {
                try check(
                    "setting the certificates",
                    mosquitto_tls_set(mosquitto, nil, folder, tls.certificateFile, tls.keyFile, nil))
            }
            // A library without this option would connect without TLS and send the password in clear text.
            try check(
                "using the certificates of the system", mosquitto_int_option(mosquitto, MOSQ_OPT_TLS_USE_OS_CERTS, 1))
        }
        if let alpn = tls.alpn {
            try check("setting ALPN", mosquitto_string_option(mosquitto, MOSQ_OPT_TLS_ALPN, alpn))
        }
        // "tlsv1.2" means this version or a newer one; without it libmosquitto 2.0 still accepts TLS 1.1.
        let verifyPeer: Int32 = 1
        try check("setting the TLS version", mosquitto_tls_opts_set(mosquitto, verifyPeer, "tlsv1.2", nil))
    }

    /// Resolves the name and connects TCP; blocks, for minutes at worst.
    ///
    /// This is the only call that takes CONNECT properties; libmosquitto keeps them for later connections of the
    /// handle.
    ///
    /// - Parameter options: properties of CONNECT; nil with MQTT 3.1.1, which has none.
    func connect(to broker: BrokerSettings, keepAlive: Int, options: ConnectOptions?) throws(MQTTError) {
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        if let options {
            // Without one of them the connection would not be the one that was requested.
            for (property, value) in options.properties {
                try check(
                    "setting a property of CONNECT",
                    mosquitto_property_add_int32(&properties, Int32(bitPattern: property.rawValue), value))
            }
        }
        let port = Int32(clamping: broker.port)
        errno = 0
        let status = mosquitto_connect_bind_v5(
            mosquitto, broker.host, port, Int32(clamping: keepAlive), nil, properties)
        let cause = errno
        guard status != MOSQ_ERR_SUCCESS.rawValue else {
            // A child process must not keep the connection open after us.
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            writer = ConnectionWriter(socket: socket, outlivesErrors: !isClean)
            guard writer != nil else { throw .library(operation: "connecting to \(broker.address)", errno: errno) }
            return
        }
        switch mosq_err_t(status) {
        // libmosquitto 2.1 queries the address of a socket that it has closed, which overwrites the cause in errno.
        case MOSQ_ERR_EAI where cause == EBADF, MOSQ_ERR_ERRNO where cause == EBADF:
            throw .unreachable(
                address: broker.address, reason: PeerProbe.obstacle(broker) ?? "the connection could not be made")
        case MOSQ_ERR_EAI:
            throw .unreachable(address: broker.address, reason: String(cString: gai_strerror(cause)))
        case MOSQ_ERR_ERRNO:
            throw .unreachable(address: broker.address, reason: String(cString: strerror(cause)))
        case MOSQ_ERR_TLS:
            throw .tlsFailed(address: broker.address, reason: TLSComplaint.reason(complaint) ?? "the handshake failed")
        default:
            throw .library(operation: "connecting to \(broker.address)", code: status, errno: cause)
        }
    }

    // MARK: The connected handle

    /// libmosquitto's descriptor, negative when it has closed the connection.
    private var socket: Int32 { mosquitto_socket(mosquitto) }
    var isConnected: Bool { socket >= 0 }
    /// OpenSSL's `SSL *` of the connection; nil without TLS.
    var tls: UnsafeMutableRawPointer? { mosquitto_ssl_get(mosquitto) }
    /// The connection, negative when there is none.
    var descriptor: Int32 { writer?.connection ?? -1 }
    /// True while queued bytes have not been taken by the connection.
    var wantsWrite: Bool { isBlocked || (isConnected && mosquitto_want_write(mosquitto)) }
    /// True when the connection has no room for the bytes to write.
    var isBlocked: Bool { writer?.isBlocked == true }

    /// The first error line of the library since the handle was made.
    var complaint: String? { context.takeUnretainedValue().complaints.first }

    /// The events of the callbacks since the last call.
    ///
    /// - Parameter events: replaced; its memory is reused for the next events.
    func takeEvents(_ events: inout [HandleEvent]) { context.takeUnretainedValue().exchange(&events) }

    /// Stops collecting error lines. While a log callback is set, libmosquitto formats a line for each packet, wanted
    /// or not.
    func ignoreComplaints() { mosquitto_log_callback_set(mosquitto, nil) }

    /// Reads one packet, or more with TLS. `isDrained`: there was nothing to read.
    func read() -> (status: Int32, isDrained: Bool) {
        errno = 0
        let status = mosquitto_loop_read(mosquitto, 1)
        // EAGAIN may also come from the library's never-read wake-up pipe: the caller asks poll(2) to be sure.
        return (status, errno == EAGAIN)
    }

    /// The error with which the connection ended, 0 for none; the kernel clears it.
    func takeSocketError() -> Int32 {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
        return error
    }

    /// Writes what is queued, as far as the connection takes it.
    ///
    /// - Returns: libmosquitto's status with its errno, or success with the errno of a connection that has ended: what
    ///   came before can still be read.
    func write() -> (status: Int32, error: Int32) {
        let mosquitto = mosquitto
        let result = writer?.write(
            socket: { mosquitto_socket(mosquitto) }, wantsWrite: { mosquitto_want_write(mosquitto) },
            { mosquitto_loop_write(mosquitto, 1) })
        return result ?? (MOSQ_ERR_NO_CONN.rawValue, 0)
    }

    func keepAlive() -> Int32 { mosquitto_loop_misc(mosquitto) }

    /// Whether `ping()` can be sent apart from what libmosquitto has queued.
    var canPing: Bool { writer?.takesOwnBytes == true && (tls == nil || TLSStream.isReachable) }

    /// Sends PINGREQ ahead of all that libmosquitto has queued.
    ///
    /// - Returns: errno of a connection that has ended, otherwise 0.
    func ping() -> Int32 {
        let stream = tls.flatMap(TLSStream.init)
        let number = socket
        return writer?.send([0xC0, 0], socket: number) { bytes in
            if let stream { stream.write(bytes) } else { _ = Glibc.write(number, bytes, bytes.count) }
        } ?? 0
    }

    /// Acknowledges received data at TCP level at once. Withheld MQTT acknowledgements would otherwise make a broker
    /// with Nagle's algorithm wait 40 ms and more for each batch. The kernel clears the flag: set it after every burst.
    func acknowledgeSegments() {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Queues a publication. With QoS 1, the status "no connection" also means queued.
    func publish(_ message: MQTTMessage) -> (id: Int32, status: Int32) {
        var id: Int32 = 0
        let status = message.payload.withUnsafeBytes { bytes in
            mosquitto_publish_v5(
                mosquitto, &id, message.topic, Int32(clamping: bytes.count), bytes.baseAddress,
                Int32(message.qos.rawValue), message.isRetained, nil)
        }
        return (id, status)
    }

    func subscribe(_ filter: TopicFilter, options: Int32 = 0) throws(MQTTError) -> Int32 {
        var id: Int32 = 0
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        if let subscriptionID = filter.subscriptionID {
            mosquitto_property_add_varint(
                &properties, Int32(MQTT_PROP_SUBSCRIPTION_IDENTIFIER.rawValue), subscriptionID)
        }
        try check(
            "subscribing to \(filter.filter)",
            mosquitto_subscribe_v5(mosquitto, &id, filter.filter, Int32(filter.qos.rawValue), options, properties))
        return id
    }

    func unsubscribe(_ filter: String) {
        // Failure means that the connection is gone, which the next read reports.
        _ = mosquitto_unsubscribe(mosquitto, nil, filter)
    }

    /// Queues DISCONNECT. Everything queued before is written with it: never call it with acknowledgements withheld.
    func disconnect() { _ = mosquitto_disconnect(mosquitto) }

    private func check(_ operation: String, _ status: Int32) throws(MQTTError) {
        let cause = errno
        guard status == MOSQ_ERR_SUCCESS.rawValue else {
            throw .library(operation: operation, code: status, errno: cause)
        }
    }
}
