// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Harmonizer

/// `forget`: clears everything about a meter that is gone.
struct ForgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Tell the running bridge to clear everything that is retained of a meter, and its history.",
        discussion: """
            For meters that are gone, or were published under a name they should not have. A reader that still sends for the \
            meter brings it back as a new one, with no baseline for its counters. Its history is deleted, with \
            what the page and the crash guard keep of it; recordings are files of yours, which stay (docs/privacy.md).

            Example: obis-bridge forget house --config /etc/obis-bridge/bridge.yaml
            """)

    @OptionGroup var options: ControlOptions

    func run() throws { try options.send(.forget) }
}
