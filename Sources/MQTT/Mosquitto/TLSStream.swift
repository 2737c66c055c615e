// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The decrypted bytes of a libmosquitto connection with TLS. They belong to OpenSSL, which libmosquitto loads and this
/// program does not link: its functions are looked up at run time (OpenSSL 1.1 and 3: ssl.h, err.h).
struct TLSStream {
    private typealias Read = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer?, Int32) -> Int32
    private typealias Write = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer?, Int32) -> Int32
    private typealias GetError = @convention(c) (UnsafeMutableRawPointer, Int32) -> Int32
    private typealias ClearError = @convention(c) () -> Void
    private typealias IsFinished = @convention(c) (UnsafeMutableRawPointer) -> Int32

    /// True when libmosquitto uses OpenSSL for TLS.
    static let isReachable = dlsym(nil, "SSL_write") != nil && dlsym(nil, "ERR_clear_error") != nil

    private let stream: UnsafeMutableRawPointer
    private let readBytes: Read
    private let writeBytes: Write
    private let getError: GetError
    private let clearError: ClearError
    private let isFinished: IsFinished

    /// nil when libmosquitto uses another TLS library.
    init?(_ stream: UnsafeMutableRawPointer) {
        guard let read = dlsym(nil, "SSL_read"), let write = dlsym(nil, "SSL_write"),
            let getError = dlsym(nil, "SSL_get_error"), let clearError = dlsym(nil, "ERR_clear_error"),
            let isFinished = dlsym(nil, "SSL_is_init_finished")
        else { return nil }
        self.stream = stream
        readBytes = unsafeBitCast(read, to: Read.self)
        writeBytes = unsafeBitCast(write, to: Write.self)
        self.getError = unsafeBitCast(getError, to: GetError.self)
        self.clearError = unsafeBitCast(clearError, to: ClearError.self)
        self.isFinished = unsafeBitCast(isFinished, to: IsFinished.self)
    }

    /// True once the handshake is over.
    var isEstablished: Bool { isFinished(stream) != 0 }

    /// The number of bytes read, 0 when none are available yet; nil at the end.
    func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        clearError()
        let count = readBytes(stream, buffer.baseAddress, Int32(clamping: buffer.count))
        if count > 0 { return Int(count) }
        let wantsRead: Int32 = 2
        return getError(stream, count) == wantsRead ? 0 : nil
    }

    func write(_ bytes: [UInt8]) {
        clearError()
        _ = bytes.withUnsafeBytes { writeBytes(stream, $0.baseAddress, Int32(clamping: $0.count)) }
    }
}
