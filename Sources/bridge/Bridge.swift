// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

/// The command `obis-bridge`.
@main
struct Bridge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "obis-bridge", abstract: "One language for every smart meter.")
}
