// SPDX-License-Identifier: Apache-2.0
import Foundation
import FoundationNetworking

/// Why an HTTP request failed, for a log line that starts with the URL.
package enum HTTPFault: Error, Equatable, CustomStringConvertible {
    case refused
    case unknownHost
    case timedOut(after: Duration)
    case status(Int)
    case redirected(to: String)
    case tooLarge
    case empty
    case untrusted
    case cancelled
    case other(String)

    package var description: String {
        switch self {
        case .refused: "the connection is refused or there is no route to the host"
        case .unknownHost: "the host's name is not known"
        case .timedOut(let limit): "no complete answer within \(limit)"
        case .status(401), .status(403): "the answer is 401 or 403: check username, password or token of this source"
        case .status(404): "the answer is 404: there is nothing at this path"
        case .status(let code): "the answer is \(code)"
        case .redirected(let place): "it redirects to \(place), which is not followed: write that as the url"
        case .tooLarge: "the answer has more than \(HTTPSettings.limit) bytes"
        case .empty: "the answer is empty"
        case .untrusted: "its certificate is not trusted"
        case .cancelled: "stopped"
        case .other(let text): text
        }
    }

    package init(_ error: any Error, timeout: Duration) {
        switch (error as? URLError)?.code {
        case .cannotConnectToHost, .notConnectedToInternet: self = .refused
        case .cannotFindHost, .dnsLookupFailed: self = .unknownHost
        case .timedOut: self = .timedOut(after: timeout)
        case .cancelled: self = .cancelled
        case .networkConnectionLost: self = .other("the connection was closed before the answer was complete")
        case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
            self = .untrusted
        // libcurl's own text.
        default: self = .other((error as NSError).localizedDescription)
        }
    }
}
