// SPDX-License-Identifier: Apache-2.0
package import Adapters
import Foundation
package import Harmonizer

/// The folders `mappings` and `labels` beside a configuration: each file in them is a mapping or a dictionary, found by
/// its name and recognised by `discover` like the shipped ones.
package struct OwnReadersFolder {
    package let files: FileFinder

    package init(files: FileFinder) {
        self.files = files
    }

    /// Reads both folders; missing ones are empty.
    ///
    /// - Parameter report: receives each mistake with its place.
    package func read(report: (SourceMark, String) -> Void) -> OwnReaders {
        var own = OwnReaders()
        for path in paths("mappings") {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
            do throws(LabelDictionaryError) {
                own.mappings.append(try FieldMapping.load(yaml: text, path: path))
            } catch {
                for fault in error.faults { report(fault.mark, fault.message) }
            }
        }
        for path in paths("labels") {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
            do throws(LabelDictionaryError) {
                own.add(try LabelDictionary.load(yaml: text, path: path))
            } catch {
                for fault in error.faults { report(fault.mark, fault.message) }
            }
        }
        return own
    }

    /// The YAML files of a folder, by name.
    private func paths(_ folder: String) -> [String] {
        let path = files.path(folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted().map {
            files.path("\(folder)/\($0)")
        }
    }
}
