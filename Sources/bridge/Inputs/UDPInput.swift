// SPDX-License-Identifier: Apache-2.0
import Logging
import MQTT

/// Listens on a UDP port, on a thread of its own, and hands each datagram to the pipeline's queue.
struct UDPInput {
    private let settings: UDPSettings
    private let topic: String
    private let source: String
    private let queue: InputQueue
    private let logger: Logger

    init(_ settings: UDPSettings, topic: String, source: String, _ queue: InputQueue, _ logger: Logger) {
        self.settings = settings
        self.topic = topic
        self.source = source
        self.queue = queue
        self.logger = logger
    }

    /// Runs until its task is cancelled. An interface that is not up yet, or goes away, is waited for.
    func run() async {
        var report = OutageReport()
        while !Task.isCancelled {
            do throws(UDPSocket.Fault) {
                let socket = try UDPSocket(settings)
                _ = report.succeeded()
                logger.info("source \"\(source)\": listening to \(settings.place)")
                guard let fault = await receive(on: socket) else { return }
                throw fault
            } catch {
                if let sentence = report.failed(error.description, at: .now) {
                    logger.warning("source \"\(source)\": \(settings.place): \(sentence); trying again")
                }
            }
            let pause = report.pause(.seconds(1))
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    private func receive(on socket: UDPSocket) async -> UDPSocket.Fault? {
        let (queue, topic) = (queue, topic)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // recvfrom blocks: a thread of its own, never one of the cooperative pool.
                let isStarted = startThread(named: "udp") {
                    continuation.resume(returning: socket.receive { queue.append($0, topic: topic) })
                }
                if !isStarted { continuation.resume(returning: UDPSocket.Fault("\(ThreadShortage())")) }
            }
        } onCancel: {
            socket.end()
        }
    }
}
