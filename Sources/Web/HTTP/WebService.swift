// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import BridgeRuntime
package import Logging
import ServiceLifecycle

/// Runs the HTTP server as a service that follows the configuration. Without an address there is no thread and no
/// socket.
package struct WebService: Service {
    private let web: WebSurroundings
    private let first: WebServer?
    private let logger: Logger

    /// - Parameter server: a server that already listens.
    package init(_ web: WebSurroundings, server: WebServer?, logger: Logger) {
        self.web = web
        first = server
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var server = first
            for await wanted in web.roster.changes where wanted != server?.settings {
                server = await follow(wanted, instead: server)
            }
            await server?.stop()
        }
    }

    /// Starts the server at the new address before it stops the old one, so that a failure leaves the old one running.
    private func follow(_ wanted: WebSettings?, instead old: WebServer?) async -> WebServer? {
        guard let wanted else {
            await old?.stop()
            logger.info("http: not answered any more")
            return nil
        }
        if let old, old.settings.address == wanted.address {
            old.adopt(wanted)
            return old
        }
        do throws(ListenFault) {
            let server = try await WebServer.start(wanted, routes: web.routes, logger: logger)
            await old?.stop()
            return server
        } catch {
            let more = old.map { "; \($0.settings.address) stays as it is" } ?? ""
            logger.error("\(error)\(more)")
            return old
        }
    }
}
