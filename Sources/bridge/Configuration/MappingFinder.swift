// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer

/// Finds a mapping: a shipped one by its name, else a YAML file.
struct MappingFinder {
    let files: FileFinder

    /// - Parameter report: gets each mistake with its place, nil where the name itself is the mistake.
    func find(_ name: String, report: (SourceMark?, String) -> Void) -> FieldMapping? {
        if let shipped = FieldMapping.shipped(named: name) { return shipped }
        guard let text = try? String(contentsOfFile: files.path(name), encoding: .utf8) else {
            let hint = NearestWord.hint(name, in: FieldMapping.shipped.map(\.name))
            report(nil, "no mapping \"\(name)\", neither a shipped one nor a file that can be read\(hint)")
            return nil
        }
        do throws(LabelDictionaryError) {
            return try FieldMapping.load(yaml: text, path: name)
        } catch {
            for fault in error.faults { report(fault.mark, fault.message) }
            return nil
        }
    }
}
