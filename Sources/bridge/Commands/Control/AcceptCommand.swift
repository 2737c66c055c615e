// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Harmonizer

/// `accept`: confirms the held values of a meter's counters.
struct AcceptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Tell the running bridge that a meter's held counters are right.",
        discussion: """
            A counter that falls, jumps or is suddenly zero is held until it is confirmed (see \"guards\" in the profile). \
            After a meter exchange, or a reset, this confirms it now: the held values are published at once, and the counters \
            go on from there. The meter's state topic shows which ones are held.

            Example: obis-bridge accept house --config /etc/obis-bridge/bridge.yaml
            """)

    @OptionGroup var options: ControlOptions

    func run() throws { try options.send(.accept) }
}
