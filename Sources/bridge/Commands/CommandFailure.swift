// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Harmonizer
import History
import MQTT
import PlugTest

/// The failure of a command: a sentence for standard error, and an exit code. `Bridge` prints the sentence, escaped, and ends the
/// program; a command does neither itself.
struct CommandFailure: Error {
    let sentence: String
    let exitCode: ExitCode

    init(_ sentence: String, _ exitCode: ExitCode = .faults) {
        self.sentence = sentence
        self.exitCode = exitCode
    }

    /// The failure of a command that ends with `error`; nil for an error that is not a sentence for people.
    init?(of error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let failure as HistoryReader.Failure: self.init("\(failure)")
        case let fault as TrafficFile.Fault:
            self.init(fault.description, fault.isOfStandardOutput ? .unwritable : .faults)
        default: return nil
        }
    }
}

extension Configuration {
    /// Returns the result of `body`. An MQTT error ends the command with exit code 69 and the advice of this configuration.
    func reachingBroker<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as MQTTError {
            throw CommandFailure(sentence(error), .unavailable)
        }
    }
}
