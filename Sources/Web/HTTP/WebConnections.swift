// SPDX-License-Identifier: Apache-2.0
import MQTT
import Machine
import NIOCore

/// The open connections of a server: limits their number, and closes them all at the end.
final class WebConnections: Sendable {
    /// The server has no room for another connection.
    struct Full: Error {}

    /// The maximum number of connections: a house has a handful of scrapers and dashboards.
    static let limit = 64
    /// File descriptors kept free for the broker connections, which take up to ten while connecting, and for the files
    /// of a reload.
    static let reserve = 16

    private let open = Locked<[ObjectIdentifier: any Channel]>([:])

    /// Adds a connection. False when there is no room; the caller then closes it.
    func add(_ channel: any Channel) -> Bool {
        guard Descriptors.free() >= Self.reserve else { return false }
        let id = ObjectIdentifier(channel)
        let isAdded = open.withLock { open in
            guard open.count < Self.limit else { return false }
            open[id] = channel
            return true
        }
        if isAdded { channel.closeFuture.whenComplete { [open] _ in open.withLock { $0[id] = nil } } }
        return isAdded
    }

    /// Closes idle connections at once, the others after their answer, and all of them after `limit`.
    func close(within limit: TimeAmount, on loop: any EventLoop) async {
        let channels = open.withLock { Array($0.values) }
        // On the quiescing event NIO's pipeline handler closes a connection as soon as no answer is pending.
        for channel in channels {
            channel.pipeline.fireUserInboundEventTriggered(RequestHandler.End())
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        let deadline = loop.scheduleTask(in: limit) { for channel in channels { channel.close(promise: nil) } }
        try? await EventLoopFuture.andAllComplete(channels.map(\.closeFuture), on: loop).get()
        deadline.cancel()
    }
}
