// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import Foundation
import NIOCore

/// Why the server cannot listen on an address.
package struct ListenFault: Error, CustomStringConvertible {
    let address: ListenAddress
    let cause: String

    init(_ address: ListenAddress, _ cause: String) {
        self.address = address
        self.cause = cause
    }

    init(_ address: ListenAddress, _ error: any Error) {
        self.address = address
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: cause = "another program listens there; name another port"
        case EADDRNOTAVAIL: cause = "this computer does not have that address"
        case EACCES: cause = "this user may not use ports below 1024; name another port"
        case let code?: cause = String(cString: strerror(code))
        case nil: cause = "\(error)"
        }
    }

    package var description: String { "http: cannot listen on \(address): \(cause)" }
}
