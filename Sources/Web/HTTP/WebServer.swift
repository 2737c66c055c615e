// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
package import Logging
import MQTT
import Machine
import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP/1.1 server (SwiftNIO) on its own thread.
package final class WebServer: Sendable {
    private let inForce: Locked<WebSettings>
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let connections: WebConnections

    private init(
        _ settings: Locked<WebSettings>, group: MultiThreadedEventLoopGroup, channel: any Channel,
        connections: WebConnections
    ) {
        inForce = settings
        self.group = group
        self.channel = channel
        self.connections = connections
    }

    /// The settings in force: the address, and what the server may do.
    package var settings: WebSettings { inForce.withLock { $0 } }

    /// Applies new settings with the same address.
    func adopt(_ settings: WebSettings) { inForce.withLock { $0 = settings } }

    package static func start(
        _ settings: WebSettings, routes: WebRoutes, logger: Logger
    ) async throws(ListenFault) -> WebServer {
        let address = settings.address
        let inForce = Locked(settings)
        // NIO's event loop ends the program when it gets no file descriptor, and a reload may happen when few are left.
        if let shortage = Descriptors.shortage(of: WebConnections.reserve) { throw ListenFault(address, shortage) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let connections = WebConnections()
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // When the system has no descriptors left, accepting is retried after a second instead of in a busy loop.
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                }
            }
            // Reads about one request head at a time: the rest stays in the system's buffer until the client has taken
            // the answer.
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                guard connections.add(channel) else { return channel.eventLoop.makeFailedFuture(WebConnections.Full()) }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(
                        withEncoderConfiguration: .init(), withDecoderLimitConfiguration: RequestHandler.limits)
                    try pipeline.addHandler(
                        RequestHandler { request in await routes.response(to: request, inForce.withLock { $0 }) })
                }
            }
        do {
            let channel = try await bootstrap.bind(host: address.host, port: Int(address.port)).get()
            logger.info("http: answered on http://\(address)")
            return WebServer(inForce, group: group, channel: channel, connections: connections)
        } catch {
            try? await group.shutdownGracefully()
            throw ListenFault(address, error)
        }
    }

    /// Stops accepting connections, gives pending answers two seconds to finish, and ends.
    package func stop() async {
        try? await channel.close().get()
        await connections.close(within: .seconds(2), on: channel.eventLoop)
        try? await group.shutdownGracefully()
    }
}
