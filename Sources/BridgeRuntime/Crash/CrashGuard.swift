// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Machine

/// Ends crash loops: a message that was being handled when the bridge ended uncleanly, three starts in a row, is not handled
/// again. At least once would otherwise bring it back for ever.
///
/// Its files are in the runtime directory, which systemd keeps over restarts (`RuntimeDirectoryPreserve=restart`).
package struct CrashGuard: Sendable {
    /// A message with the number of unclean ends it was seen at.
    private struct Suspect: Codable, Sendable {
        var message: MessageMark.Record
        var ends: Int
        /// Another version may handle it.
        var version: String
    }

    /// Unclean ends after which a message is given up.
    static let limit = 3
    /// More messages are not remembered.
    private static let capacity = 8

    /// Why unclean ends cannot be counted; nil when they can.
    package let problem: String?
    private let mark: MessageMark
    private let path: String
    private var suspects: [Suspect]

    /// - Parameters:
    ///   - directory: where files may be left.
    ///   - name: tells bridges apart that share the directory.
    /// - Throws: when the directory has no room, cannot be written, or another process guards the same bridge.
    package init(directory: String, name: String, version: String = Program.version) throws(MessageMark.Fault) {
        let file = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" })
        mark = try MessageMark(path: "\(directory)/\(file).message")
        path = "\(directory)/\(file).suspects"
        let data = FileManager.default.contents(atPath: path) ?? Data()
        suspects = ((try? JSONDecoder().decode([Suspect].self, from: data)) ?? []).filter { $0.version == version }
        let found = mark.found
        // In a row: an end in between that was clean, or met another message, acquits.
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

    /// `RUNTIME_DIRECTORY` as systemd gives it, else a folder in the user's `XDG_RUNTIME_DIR`; nil when there is neither.
    package static func directory(environment: [String: String]) -> String? {
        if let given = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first { return String(given) }
        guard let user = environment["XDG_RUNTIME_DIR"], user.hasPrefix("/") else { return nil }
        let path = "\(user)/obis-bridge"
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { return nil }
        return path
    }

    /// Before a message is handled.
    ///
    /// - Returns: false for one that is to be given up.
    func mayHandle(_ message: RawMessage) -> Bool {
        if let suspect = suspect(message), suspect.ends >= Self.limit { return false }
        mark.begin(message)
        return true
    }

    /// After it was handled.
    ///
    /// - Parameter isComplete: false while results are held back, which may still end the bridge.
    mutating func handled(_ message: RawMessage, isComplete: Bool = true) {
        mark.end()
        guard isComplete, !suspects.isEmpty, suspect(message) != nil else { return }
        let record = MessageMark.Record(message)
        suspects.removeAll { $0.message == record }
        _ = Self.save(suspects, path)
    }

    /// Around work on what earlier messages left open; the last of them is held responsible.
    func resume() { mark.resume() }
    func pause() { mark.end() }

    /// Forgets the messages on some topics, and what is left of the one that was handled last.
    ///
    /// - Returns: how many were kept of those that ended the bridge.
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

    /// - Returns: false when they cannot be written, which leaves what was there.
    private static func save(_ suspects: [Suspect], _ path: String) -> Bool {
        guard !suspects.isEmpty else {
            unlink(path)
            return true
        }
        guard let data = try? JSONEncoder().encode(suspects) else { return false }
        return (try? data.write(to: URL(fileURLWithPath: path), options: .atomic)) != nil
    }
}
