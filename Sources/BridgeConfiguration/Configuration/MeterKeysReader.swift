// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// Reads the keys of a source whose meter encrypts: `decryption_key`, `authentication_key`, or each with `_file`.
struct MeterKeysReader {
    let problems: ProblemList
    let files: FileFinder

    /// The keys of one meter by its system title: a file with the decryption key, or a mapping with the same keys as a
    /// source.
    func read(_ member: YAMLNode.Member) -> MeterKeys? {
        if case .scalar = member.value.content {
            let named = YAMLNode.Member(key: "decryption_key_file", keyMark: member.keyMark, value: member.value)
            let file = YAMLNode(.mapping([named]), at: member.value.mark)
            var map = YAMLReader(file, what: "keys", at: member.keyMark, problems: problems)
            return read(&map)
        }
        var map = YAMLReader(member.value, what: "keys", at: member.keyMark, problems: problems)
        defer { map.finish() }
        return read(&map)
    }

    func read(_ map: inout YAMLReader) -> MeterKeys? {
        let secrets = SecretReader(problems: problems, files: files)
        let decryption = secrets.read("decryption_key", &map)
        let authentication = secrets.read("authentication_key", &map)
        guard let decryption else {
            if let authentication {
                problems.error(authentication.mark, "\"authentication_key\" needs a \"decryption_key\" beside it")
            }
            return nil
        }
        do throws(MeterKeyError) {
            return try MeterKeys(decryption: decryption.text, authentication: authentication?.text)
        } catch {
            let mark = error.key == .decryption ? decryption.mark : authentication?.mark
            problems.error(mark ?? decryption.mark, "\(error)")
            return nil
        }
    }
}
