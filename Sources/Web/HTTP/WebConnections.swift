// SPDX-License-Identifier: Apache-2.0
import MQTT
import Machine
import NIOCore

/// The connections of a server: so many at a time, and all ended together.
final class WebConnections: Sendable {
    /// There are as many as there may be.
    struct Full: Error {}

    /// Scrapers and dashboards of a house are a handful.
    static let limit = 64
    /// File descriptors that are left to the brokers, whose connections take up to ten while they are made, and to the files of a
    /// reload.
    static let reserve = 16

    private let open = Locked<[ObjectIdentifier: any Channel]>([:])

    /// False when there is no room: the connection is to be closed.
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

    /// Ends those that wait for a request at once, the others with their answer, and after the time all.
    func close(within limit: TimeAmount, on loop: any EventLoop) async {
        let channels = open.withLock { Array($0.values) }
        // NIO's pipeline handler closes on this event when nothing is being answered.
        for channel in channels {
            channel.pipeline.fireUserInboundEventTriggered(RequestHandler.End())
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        let deadline = loop.scheduleTask(in: limit) { for channel in channels { channel.close(promise: nil) } }
        try? await EventLoopFuture.andAllComplete(channels.map(\.closeFuture), on: loop).get()
        deadline.cancel()
    }
}
