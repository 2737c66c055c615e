// SPDX-License-Identifier: Apache-2.0
import Adapters
import ArgumentParser
import Foundation
import Harmonizer
import Machine

/// `learn-list`: drafts a meter's list from a captured frame.
struct LearnListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn-list", abstract: "Print the draft of a meter's list of values from a captured frame.",
        discussion: """
            For a meter whose list no table knows (list.unknown). The file holds one message of the meter: bytes, hexadecimal text, \
            base64, or what Tasmota publishes. The draft has the types and shows the values; write what each of them is, \
            save it, and name it in the source: list: ./my-meter.yaml.

            Examples:
              mosquitto_sub -t meter/raw -C 1 | obis-bridge learn-list -
              obis-bridge learn-list --decryption-key-file key.txt frame.hex > my-meter.yaml
            """)

    @Option(help: "A file with the decryption key of a meter that encrypts.")
    var decryptionKeyFile: String?
    @Option(help: "A file with its authentication key.")
    var authenticationKeyFile: String?
    @Argument(help: "The captured message; - for standard input.")
    var file: String

    func run() throws {
        var options = FrameOptions()
        options.keys = try keys()
        // The values can be read without the second key.
        options.frameKeys.authentication = .none
        let bytes = Array(try BoundedFile.required(file, limit: 1 << 20))
        let draft: ListDraft
        do throws(Rejection) {
            draft = try ListDraft(payload: bytes, options: options)
        } catch {
            throw CommandFailure("\(error.reason.rawValue): \(error.detail)")
        }
        if let known = draft.known {
            StandardError.line("the list \"\(known)\" reads this message already")
        }
        try StandardOutput.print(draft.yaml, terminator: "")
    }

    private func keys() throws -> MeterKeys? {
        guard let decryptionKeyFile else { return nil }
        let decryption = try line(decryptionKeyFile)
        let authentication = try authenticationKeyFile.map { try line($0) }
        do throws(MeterKeyError) {
            return try MeterKeys(decryption: decryption, authentication: authentication)
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// The first line of a file with a key.
    private func line(_ path: String) throws -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure("cannot read \(path): \(UnreadableFile.reason(path))")
        }
        return String(text.prefix { !$0.isNewline })
    }
}
