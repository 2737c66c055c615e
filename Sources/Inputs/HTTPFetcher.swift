// SPDX-License-Identifier: Apache-2.0
package import Foundation
import FoundationNetworking
import MQTT

/// Requests one URL, one request at a time over a kept connection.
///
/// It stops at the limit of bytes and of time, and does not follow redirects: where a password is sent is the
/// operator's decision.
package final class HTTPFetcher: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    // Unchecked: NSObject; the only state is behind a lock.
    private struct Exchange {
        /// The task it belongs to: the last event of a cancelled task may arrive during the next one.
        var task: Int?
        var body: [UInt8] = []
        var fault: HTTPFault?
        var continuation: CheckedContinuation<Result<[UInt8], HTTPFault>, Never>?
    }

    private let settings: HTTPSettings
    private let exchange = Locked(Exchange())
    private let session = Locked<URLSession?>(nil)

    package init(_ settings: HTTPSettings) {
        self.settings = settings
        super.init()
        let configuration = URLSessionConfiguration.ephemeral
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.httpShouldSetCookies = false
        configuration.httpMaximumConnectionsPerHost = 1
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: nil)
        self.session.withLock { $0 = session }
    }

    /// Ends the connection. Until then the session keeps a reference to its delegate.
    package func close() {
        let session = session.withLock { $0.take() }
        session?.invalidateAndCancel()
    }

    /// Requests the URL; the result is the body of the answer.
    ///
    /// - Parameter body: the body of a POST request; nil for a GET request.
    package func fetch(posting body: [UInt8]? = nil) async -> Result<[UInt8], HTTPFault> {
        guard let session = session.withLock({ $0 }) else { return .failure(.cancelled) }
        var request = URLRequest(url: settings.url)
        for (name, value) in settings.headers { request.setValue(value, forHTTPHeaderField: name) }
        if let body {
            request.httpMethod = "POST"
            request.httpBody = Data(body)
        }
        let task = session.dataTask(with: request)
        // URLSession's own time limit restarts with every byte.
        let timeout = settings.timeout
        let alarm = DispatchSource.makeTimerSource()
        alarm.setEventHandler { [weak self] in self?.giveUp(.timedOut(after: timeout), task) }
        alarm.schedule(deadline: .now() + .nanoseconds(Self.nanoseconds(timeout)))
        alarm.resume()
        defer { alarm.cancel() }
        exchange.withLock { $0 = Exchange(task: task.taskIdentifier) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let fault = exchange.withLock { exchange in
                    if exchange.fault == nil { exchange.continuation = continuation }
                    return exchange.fault
                }
                if let fault { continuation.resume(returning: .failure(fault)) } else { task.resume() }
            }
        } onCancel: { [weak self] in
            self?.giveUp(.cancelled, task)
        }
    }

    private static func nanoseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(clamping: min(seconds, 1_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private func giveUp(_ fault: HTTPFault, _ task: URLSessionTask) {
        exchange.withLock { exchange in
            if exchange.task == task.taskIdentifier { exchange.fault = exchange.fault ?? fault }
        }
        task.cancel()
        // libcurl's cancellation takes as long as the name resolution; the caller must not wait for that.
        finish(task, nil)
    }

    private func finish(_ task: URLSessionTask, _ error: (any Error)?) {
        let (continuation, result) = exchange.withLock { exchange in
            guard exchange.task == task.taskIdentifier else {
                return (
                    CheckedContinuation<Result<[UInt8], HTTPFault>, Never>?.none,
                    Result<[UInt8], HTTPFault>.failure(.cancelled)
                )
            }
            let result: Result<[UInt8], HTTPFault>
            if let fault = exchange.fault {
                result = .failure(fault)
            } else if let error {
                result = .failure(HTTPFault(error, timeout: settings.timeout))
            } else {
                result = exchange.body.isEmpty ? .failure(.empty) : .success(exchange.body)
            }
            exchange.body = []
            return (exchange.continuation.take(), result)
        }
        continuation?.resume(returning: result)
    }

    // MARK: URLSession's events

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        let place = request.url.map { HTTPSettings(url: $0).place } ?? "another place"
        completionHandler(nil)
        giveUp(.redirected(to: place), task)
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        if (300..<400).contains(status) {
            let place = (response as? HTTPURLResponse)?.value(forHTTPHeaderField: "Location") ?? "another place"
            completionHandler(.cancel)
            giveUp(.redirected(to: place), dataTask)
        } else if !(200..<300).contains(status) {
            completionHandler(.cancel)
            giveUp(.status(status), dataTask)
        } else if response.expectedContentLength > Int64(HTTPSettings.limit) {
            completionHandler(.cancel)
            giveUp(.tooLarge, dataTask)
        } else {
            completionHandler(.allow)
        }
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooLarge = exchange.withLock { exchange in
            guard exchange.task == dataTask.taskIdentifier else { return false }
            guard exchange.body.count + data.count <= HTTPSettings.limit else { return true }
            exchange.body += data
            return false
        }
        if isTooLarge { giveUp(.tooLarge, dataTask) }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        finish(task, error)
    }
}
