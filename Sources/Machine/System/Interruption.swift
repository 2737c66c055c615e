// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization

/// Turns Ctrl-C and SIGTERM into a flag: a command that listens for a while ends early with what it has.
package final class Interruption {
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    private let flag = Flag()
    private let sources: [any DispatchSourceSignal]

    /// - Parameter isHeeded: false for a command that signals end as usual.
    package init(isHeeded: Bool = true) {
        guard isHeeded else {
            sources = []
            return
        }
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: .global())
        }
        for source in sources {
            source.setEventHandler { [flag] in flag.isSet.store(true, ordering: .relaxed) }
            source.resume()
        }
    }

    /// True once a signal has asked the command to end.
    package var isRequested: Bool { flag.isSet.load(ordering: .relaxed) }
}
