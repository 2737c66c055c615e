// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Texts of whole reports, in files beside the tests. With OBIS_WRITE_GOLDEN set they are written instead of compared: look at
/// the difference before it is committed.
enum GoldenText {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")

    static func expect(_ text: String, _ name: String, at location: SourceLocation = #_sourceLocation) throws {
        let file = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["OBIS_WRITE_GOLDEN"] != nil {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return
        }
        let golden = try String(contentsOf: file, encoding: .utf8)
        let differences = text.components(separatedBy: "\n").difference(from: golden.components(separatedBy: "\n"))
        let lines = differences.prefix(12).map { change in
            switch change {
            case .insert(let offset, let line, _): "\(offset + 1) + \(line)"
            case .remove(let offset, let line, _): "\(offset + 1) - \(line)"
            }
        }
        #expect(text == golden, "\(name):\n\(lines.joined(separator: "\n"))", sourceLocation: location)
    }
}
