// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import PlugTest

/// `packaging/debian/copyright` against what a build fetches.
struct CopyrightTests {
    private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../..").standardizedFileURL

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private static let folder = ".build/checkouts/"

    /// The first level below the folder of fetched packages.
    private func named() throws -> Set<String> {
        let paths = try Self.text("packaging/debian/copyright").split(whereSeparator: \.isWhitespace)
            .filter { $0.hasPrefix(Self.folder) }
        return Set(paths.map { String($0.dropFirst(Self.folder.count).prefix { $0 != "/" }) })
    }

    @Test func `it names every package of a build, and no other`() throws {
        struct Resolved: Decodable {
            struct Pin: Decodable { var identity: String }
            var pins: [Pin]
        }
        let resolved = try JSONDecoder().decode(Resolved.self, from: Data(Self.text("Package.resolved").utf8))
        // Scripts/documentation fetches one more, of which nothing is linked.
        let linked = Set(resolved.pins.map(\.identity)).subtracting(["swift-docc-plugin", "swift-docc-symbolkit"])
        #expect(try named() == linked)
    }

    @Test func `each licence that it names stands in it`() throws {
        let lines = try Self.text("packaging/debian/copyright").split(separator: "\n", omittingEmptySubsequences: false)
        let licences = lines.indices.filter { lines[$0].hasPrefix("License: ") }
        // A licence's own paragraph goes on in the next line.
        let explained = Set(licences.filter { lines[$0 + 1].hasPrefix(" ") }.map { lines[$0] })
        #expect(Set(licences.map { lines[$0] }) == explained)
        #expect(explained.count == 4)
    }
}
