// SPDX-License-Identifier: Apache-2.0
package import Adapters
package import Harmonizer

/// Finds a label dictionary: a shipped one by its name, else a YAML file.
package struct LabelsFinder {
    package let files: FileFinder

    package init(files: FileFinder) {
        self.files = files
    }

    /// - Parameter report: receives each mistake with its place; nil when the name itself is the mistake.
    package func find(_ name: String, report: (SourceMark?, String) -> Void) -> LabelDictionary? {
        if let shipped = LabelDictionary.shipped(named: name) { return shipped }
        let known = LabelDictionary.shipped.map(\.name)
        let found = files.text(name, what: "label dictionary", shipped: known) { report(nil, $0) }
        guard let text = found else { return nil }
        do throws(LabelDictionaryError) {
            return try LabelDictionary.load(yaml: text, path: name)
        } catch {
            for fault in error.faults { report(fault.mark, fault.message) }
            return nil
        }
    }
}
