// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOHTTP1

/// One connection: takes a request, has it answered, and ends the connection of a client that is too slow or sends too much.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// What a request's head may be; beyond it NIO answers 400 and closes.
    static var limits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 8 << 10
        limits.maxHeaderListSize = 16 << 10
        limits.maxHeaderFieldCount = 64
        return limits
    }

    /// Nobody has anything to send here; what a careless client sends with a GET is passed over.
    private static let bodyLimit = 4 << 10
    /// A request has to be complete by then, counted from the connection or from the last answer: bytes that trickle do not
    /// help.
    private static let requestTime: TimeAmount = .seconds(15)
    /// An answer has to be taken by then.
    private static let answerTime: TimeAmount = .seconds(15)

    private let respond: @Sendable (WebRequest) async -> WebResponse
    private var head: HTTPRequestHead?
    private var bodyBytes = 0
    private var deadline: Scheduled<Void>?

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
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            bodyBytes = 0
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
            guard bodyBytes > Self.bodyLimit, var head = takeHead() else { return }
            // What follows of it is not read.
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            write(.problem(413, "Content Too Large", "a request needs no body here"), to: head, context)
        case .end:
            guard let head = takeHead() else { return }
            deadline?.cancel()
            let request = WebRequest(
                method: head.method.rawValue, target: head.uri, host: head.headers.first(name: "Host"))
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
            ("Content-Type", response.contentType), ("Content-Length", "\(response.body.count)"),
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
        ])
        if let allow = response.allow { headers.add(name: "Allow", value: allow) }
        let isKept = request.isKeepAlive
        headers.add(name: "Connection", value: isKept ? "keep-alive" : "close")
        expect(Self.answerTime, context)
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let body = request.method == .HEAD ? [] : response.body
        // NIO's pipeline handler reads on, and hands over the next request, when it sees the answer's end, taken or not. So that
        // comes when the system has taken what stands before it: a client that asks and never reads gets one answer.
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let isTaken = context.eventLoop.makePromise(of: Void.self)
        isTaken.futureResult.whenSuccess {
            let (handler, context) = bound.value
            handler.finish(isKept: isKept, context)
        }
        let buffer = context.channel.allocator.buffer(bytes: body)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: isTaken)
    }

    private func finish(isKept: Bool, _ context: ChannelHandlerContext) {
        // Before the end, with which the next request may come.
        if isKept { expectRequest(context) }
        let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        guard !isKept else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        end.whenComplete { _ in bound.value.close(promise: nil) }
    }

    // MARK: - Time

    private func expectRequest(_ context: ChannelHandlerContext) { expect(Self.requestTime, context) }

    /// Closes the connection when what is expected has not come by then.
    private func expect(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        guard context.channel.isActive else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }
}
