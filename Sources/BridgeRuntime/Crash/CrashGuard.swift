// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Machine

/// Ends crash loops: a message is not handled again after the bridge ended uncleanly three times in a row while
/// handling it. With at-least-once delivery the broker would otherwise send it again forever.
///
/// The guard's files are in the runtime directory, which systemd keeps over restarts
/// (`RuntimeDirectoryPreserve=restart`).
package struct CrashGuard: Sendable {
    /// A message with the number of unclean ends during its handling.
    private struct Suspect: Codable, Sendable {
        var message: MessageMark.Record
        var ends: Int
        /// The program's version: another version may be able to handle the message.
        var version: String
    }

    /// Unclean ends after which a message is given up.
    static let limit = 3
    /// The maximum number of messages remembered.
    private static let capacity = 8

    /// Why unclean ends cannot be counted; nil when they can.
    package let problem: String?
    private let mark: MessageMark
    private let path: String
    private var suspects: [Suspect]

    /// - Parameters:
    ///   - directory: the directory for the guard's files.
    ///   - name: distinguishes bridges that share the directory.
    /// - Throws: when the directory has no room, cannot be written, or another process guards the same bridge.
    package init(directory: String, name: String, version: String = Program.version) throws(MessageMark.Fault) {
        let file = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" })
        mark = try MessageMark(path: "\(directory)/\(file).message")
        path = "\(directory)/\(file).suspects"
        let data = FileManager.default.contents(atPath: path) ?? Data()
        suspects = ((try? JSONDecoder().decode([Suspect].self, from: data)) ?? []).filter { $0.version == version }
        let found = mark.found
        // Only ends in a row count: a clean end in between, or one during another message, clears a message.
        suspects.removeAll { $0.ends < Self.limit && $0.message != found }
        if let found {
            if let position = suspects.firstIndex(where: { $0.message == found }) {
                suspects[position].ends += 1
            } else {
                suspects.append(Suspect(message: found, ends: 1, version: version))
            }
        }
        suspects = suspects.suffix(Self.capacity)
        problem = Self.save(suspects, path) ? nil : "cannot write \(path)"
    }

    /// The directory for the files: systemd's `RUNTIME_DIRECTORY`, else a folder in the user's `XDG_RUNTIME_DIR`; nil
    /// without either.
    package static func directory(environment: [String: String]) -> String? {
        if let given = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first { return String(given) }
        guard let user = environment["XDG_RUNTIME_DIR"], user.hasPrefix("/") else { return nil }
        let path = "\(user)/obis-bridge"
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { return nil }
        return path
    }

    /// Called before a message is handled.
    ///
    /// - Returns: false for a message to give up.
    func mayHandle(_ message: RawMessage) -> Bool {
        if let suspect = suspect(message), suspect.ends >= Self.limit { return false }
        mark.begin(message)
        return true
    }

    /// Called after a message was handled.
    ///
    /// - Parameter isComplete: false while results are held back, which may still crash the bridge.
    mutating func handled(_ message: RawMessage, isComplete: Bool = true) {
        mark.end()
        guard isComplete, !suspects.isEmpty, suspect(message) != nil else { return }
        let record = MessageMark.Record(message)
        suspects.removeAll { $0.message == record }
        _ = Self.save(suspects, path)
    }

    /// `resume` and `pause` surround work on open groups of earlier messages; a crash counts against the last of these
    /// messages.
    func resume() { mark.resume() }
    func pause() { mark.end() }

    /// Forgets the messages on some topics, and the rest of the last handled message in the file.
    ///
    /// - Returns: the number of forgotten messages that had ended the bridge.
    mutating func forget(where isGone: (String) -> Bool) -> Int {
        mark.erase()
        let count = suspects.count
        suspects.removeAll { isGone($0.message.topic) }
        guard suspects.count < count else { return 0 }
        _ = Self.save(suspects, path)
        return count - suspects.count
    }

    private func suspect(_ message: RawMessage) -> Suspect? {
        guard !suspects.isEmpty else { return nil }
        return suspects.first {
            $0.message.length == message.payload.count && $0.message.topic == message.topic
                && message.payload.starts(with: $0.message.payload)
        }
    }

    /// - Returns: false when the file cannot be written, which leaves the old one.
    private static func save(_ suspects: [Suspect], _ path: String) -> Bool {
        guard !suspects.isEmpty else {
            unlink(path)
            return true
        }
        guard let data = try? JSONEncoder().encode(suspects) else { return false }
        return (try? data.write(to: URL(fileURLWithPath: path), options: .atomic)) != nil
    }
}
