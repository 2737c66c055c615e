// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import MQTT
import PlugTest

/// Why a command ends without what it was asked for. `Bridge` writes the sentence to standard error, escaped, and ends with the
/// exit code; no command does either itself.
struct CommandFailure: Error {
    let sentence: String
    let exitCode: ExitCode

    init(_ sentence: String, _ exitCode: ExitCode = .faults) {
        self.sentence = sentence
        self.exitCode = exitCode
    }

    /// Why a recording cannot be written.
    init(_ fault: TrafficFile.Fault) {
        self.init(fault.description, fault.isOfStandardOutput ? .unwritable : .faults)
    }
}

extension Configuration {
    /// What `body` gives. A broker that cannot be reached or refuses ends the command, with the advice of this configuration.
    func reachingBroker<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as MQTTError {
            throw CommandFailure(sentence(error), .unavailable)
        }
    }
}
