// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// Finds the table of the list that a meter pushes: a shipped one by its name, else a YAML file.
struct ListFinder {
    let files: FileFinder

    /// - Parameter report: receives each mistake with its place; nil when the name itself is the mistake.
    func find(_ name: String, report: (SourceMark?, String) -> Void) -> [PushList]? {
        if let shipped = PushList.shipped(named: name) { return [shipped] }
        let known = PushList.shipped.map(\.name)
        let found = files.text(name, what: "list", shipped: known) { report(nil, $0) }
        guard let text = found else { return nil }
        do throws(LabelDictionaryError) {
            return try PushList.load(yaml: text, path: name)
        } catch {
            for fault in error.faults { report(fault.mark, fault.message) }
            return nil
        }
    }
}
