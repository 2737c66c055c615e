// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The telegrams of a corpus folder that is not part of the project: `OBIS_CORPUS`, with `p1/INDEX.tsv`.
struct P1Corpus {
    /// A telegram: its file, whether its CRC is `valid`, `wrong` or `none`, and its bytes.
    struct Entry: Sendable, CustomTestStringConvertible {
        var file: String
        var crc: String
        var notes: String
        var bytes: [UInt8]
        var testDescription: String { file }

        /// The lines between head and tail.
        var lines: [String] {
            String(decoding: bytes.filter { (1..<0x80).contains($0) }, as: UTF8.self).split(whereSeparator: \.isNewline)
                .map(String.init)
                .filter { !$0.hasPrefix("/") && !$0.hasPrefix("!") }
        }
    }

    /// Nil when there is no corpus.
    static let folder = ProcessInfo.processInfo.environment["OBIS_CORPUS"].map { URL(fileURLWithPath: $0 + "/p1") }
    static let entries: [Entry] = {
        guard let folder,
            let index = try? String(contentsOf: folder.appendingPathComponent("INDEX.tsv"), encoding: .utf8)
        else { return [] }
        return index.split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count >= 5, let data = try? Data(contentsOf: folder.appendingPathComponent(columns[0]))
            else { return nil }
            return Entry(file: columns[0], crc: columns[2], notes: columns[4], bytes: Array(data))
        }
    }()
}
