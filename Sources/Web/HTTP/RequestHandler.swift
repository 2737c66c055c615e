// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import NIOCore
import NIOHTTP1

/// Handles one connection: reads requests, writes answers, and closes the connection of a client that is too slow or
/// sends too much.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// The event that ends endless streams when the server stops.
    struct End {}

    /// The limits of a request's head; beyond them NIO answers 400 and closes the connection.
    static var limits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 8 << 10
        limits.maxHeaderListSize = 16 << 10
        limits.maxHeaderFieldCount = 64
        return limits
    }

    /// A GET needs no body; a body up to this size is ignored.
    private static let bodyLimit = 4 << 10
    /// The maximum size of a POST, such as a configuration to check.
    private static let postLimit = 256 << 10
    /// The time for a complete request, counted from the connection or from the last answer: bytes that trickle do not
    /// extend it.
    private static let requestTime: TimeAmount = .seconds(15)
    /// The time in which a client has to take an answer, or each piece of a stream.
    private static let answerTime: TimeAmount = .seconds(15)

    private let respond: @Sendable (WebRequest) async -> WebResponse
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var bodyBytes = 0
    private var deadline: Scheduled<Void>?
    private var streaming: Task<Void, Never>?

    init(_ respond: @escaping @Sendable (WebRequest) async -> WebResponse) { self.respond = respond }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { expectRequest(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        expectRequest(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        streaming?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is End, streaming != nil { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            (body, bodyBytes) = ([], 0)
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
            let isPost = head.map { $0.method == .POST && $0.uri.hasPrefix("/page/") } ?? false
            if bodyBytes <= Self.postLimit, isPost { body.append(contentsOf: bytes.readableBytesView) }
            guard bodyBytes > (isPost ? Self.postLimit : Self.bodyLimit), var head = takeHead() else { return }
            // The rest of the request is not read.
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            let detail = isPost ? "at most \(Self.postLimit >> 10) KiB" : "a request needs no body here"
            write(.problem(413, "Content Too Large", detail), to: head, context)
        case .end:
            guard let head = takeHead() else { return }
            deadline?.cancel()
            let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
            let request = WebRequest(
                method: head.method.rawValue, target: head.uri, host: headers["host"], headers: headers, body: body,
                peer: context.remoteAddress?.ipAddress.flatMap(PeerAddress.init))
            body = []
            let (respond, loop) = (respond, context.eventLoop)
            let bound = NIOLoopBound((handler: self, context: context), eventLoop: loop)
            loop.makeFutureWithTask { await respond(request) }.whenSuccess { response in
                bound.value.handler.write(response, to: head, bound.value.context)
            }
        }
    }

    private func takeHead() -> HTTPRequestHead? {
        defer { head = nil }
        return head
    }

    private func write(_ response: WebResponse, to request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders([
            ("Content-Type", response.contentType),
            ("Cache-Control", response.isImmutable ? "public, max-age=31536000, immutable" : "no-store"),
            ("X-Content-Type-Options", "nosniff"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ])
        if let policy = response.policy {
            headers.add(name: "Content-Security-Policy", value: policy)
            headers.add(name: "Referrer-Policy", value: "no-referrer")
        }
        if let fileName = response.fileName {
            headers.add(name: "Content-Disposition", value: "attachment; filename=\"\(fileName)\"")
        }
        if response.variesByEncoding { headers.add(name: "Vary", value: "Accept-Encoding") }
        if let encoding = response.encoding { headers.add(name: "Content-Encoding", value: encoding) }
        if let allow = response.allow { headers.add(name: "Allow", value: allow) }
        let isStream = response.stream != nil && request.method != .HEAD
        // nginx sends HTTP/1.0 requests: such a stream ends when the connection is closed.
        let isChunked = isStream && request.version == .http1_1
        if isStream {
            // Disables buffering in proxies: a proxy that waits for the end of the answer would wait forever.
            headers.add(name: "X-Accel-Buffering", value: "no")
            if isChunked { headers.add(name: "Transfer-Encoding", value: "chunked") }
        } else {
            headers.add(name: "Content-Length", value: "\(response.body.count)")
        }
        let isKept = request.isKeepAlive && !isStream
        headers.add(name: "Connection", value: isKept ? "keep-alive" : "close")
        expect(Self.answerTime, context)
        let head = HTTPResponseHead(
            version: isStream && !isChunked ? .http1_0 : .http1_1,
            status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let body = request.method == .HEAD ? [] : response.body
        // NIO's pipeline handler passes on the next request once it sees the end of the answer, whether the client has
        // read it or not. So the end is written only after the system has taken the body: a client that never reads
        // gets one answer.
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let isTaken = context.eventLoop.makePromise(of: Void.self)
        isTaken.futureResult.whenSuccess {
            let (handler, context) = bound.value
            if isStream, let stream = response.stream {
                handler.send(stream, context)
            } else {
                handler.finish(isKept: isKept, context)
            }
        }
        let buffer = context.channel.allocator.buffer(bytes: body)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: isTaken)
    }

    private func finish(isKept: Bool, _ context: ChannelHandlerContext) {
        // Starts the timer before the end is written, because the next request may follow at once.
        if isKept { expectRequest(context) }
        let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        guard !isKept else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        end.whenComplete { _ in bound.value.close(promise: nil) }
    }

    // MARK: - Streams

    /// Sends the pieces one after another, each once the client has taken the one before.
    private func send(_ stream: WebStream, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        streaming = Task {
            while !Task.isCancelled, let piece = await stream.next() {
                do {
                    try await loop.flatSubmit { bound.value.handler.send(piece, bound.value.context) }.get()
                } catch { return }
            }
            guard !Task.isCancelled else { return }
            loop.execute { bound.value.handler.finish(isKept: false, bound.value.context) }
        }
    }

    private func send(_ piece: [UInt8], _ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        guard context.channel.isActive else {
            return context.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        expect(Self.answerTime, context)
        let buffer = context.channel.allocator.buffer(bytes: piece)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let sent = context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))))
        sent.whenComplete { _ in bound.value.deadline?.cancel() }
        return sent
    }

    // MARK: - Time

    private func expectRequest(_ context: ChannelHandlerContext) { expect(Self.requestTime, context) }

    /// Closes the connection after `time` unless the timer is cancelled before.
    private func expect(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        guard context.channel.isActive else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }
}
