// SPDX-License-Identifier: Apache-2.0
import Logging
import ServiceLifecycle

/// Everything that does not come by MQTT, as a service: each input in a task of its own, all ended together.
struct InputService: Service {
    let inputs: [InputSettings]
    let queue: InputQueue
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                for input in inputs {
                    group.addTask {
                        switch input.transport {
                        case .http(let settings):
                            await HTTPInput(settings, topic: input.topic, source: input.source, queue, logger).run()
                        case .udp(let settings):
                            await UDPInput(settings, topic: input.topic, source: input.source, queue, logger).run()
                        }
                    }
                }
                // Without inputs, too, the service ends only when it is told to: an early end would end the program.
                group.addTask { try? await Task.sleep(for: .seconds(1_000_000_000)) }
            }
        }
    }
}
