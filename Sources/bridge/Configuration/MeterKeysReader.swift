// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// Reads the keys of a source whose meter encrypts: `decryption_key`, `authentication_key`, or each with `_file`.
struct MeterKeysReader {
    let problems: ProblemList
    let files: FileFinder

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
