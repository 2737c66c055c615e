// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Machine
@testable import PlugTest

/// `packaging/origin` decides where the project is published; what else names an address says the same.
@Suite struct OriginTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: DocumentationTests.root.appendingPathComponent(path), encoding: .utf8)
    }

    private static func origin() throws -> [String: String] {
        var values: [String: String] = [:]
        for line in try text("packaging/origin").split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: "=", maxSplits: 1)
            values[String(parts[0])] = parts[1].trimmingCharacters(in: ["\""])
        }
        return values
    }

    /// The files that name an address, each with those that it has to name.
    private static let files: [(path: String, names: [String])] = [
        ("packaging/debian/control", ["SOURCE", "MAINTAINER"]),
        ("packaging/systemd/obis-bridge.service", ["SOURCE"]),
        ("packaging/home-assistant-addon/config.yaml", ["SOURCE"]),
        ("packaging/home-assistant-addon/Dockerfile", ["IMAGE"]),
        ("repository.yaml", ["SOURCE", "MAINTAINER"]),
        ("docs/install.md", ["SOURCE", "PAGES", "IMAGE"]),
        ("docs/releasing.md", ["MAINTAINER"]),
    ]

    @Test(arguments: files) func `a file names the addresses of packaging/origin, and no others`(
        path: String, names: [String]
    ) throws {
        let origin = try Self.origin()
        let text = try Self.text(path)
        for name in names {
            let value = try #require(origin[name])
            #expect(text.contains(value), "\(path) does not name \(value)")
        }
        let allowed = ["SOURCE", "PAGES", "IMAGE"].compactMap { origin[$0] }
        let hosted = #/(https://github\.com/|https://[a-z0-9-]+\.github\.io/|ghcr\.io/)[a-z0-9./-]+/#
        for address in text.matches(of: hosted) {
            #expect(allowed.contains { address.output.0.hasPrefix($0) }, "\(path): \(address.output.0)")
        }
    }

    @Test func `the addresses belong to the owner`() throws {
        let origin = try Self.origin()
        let owner = try #require(origin["OWNER"])
        #expect(origin["SOURCE"]?.contains("/\(owner)/") == true)
        #expect(origin["PAGES"]?.contains("//\(owner).") == true)
        #expect(origin["IMAGE"]?.contains("/\(owner)/") == true)
    }

    @Test func `what names the version of a release names the program's`() throws {
        let program = try Self.text("Sources/Machine/System/Program.swift")
        let version = try #require(program.firstMatch(of: /static let version = "([0-9.]+)"/)?.output.1)
        #expect(try Self.text("packaging/home-assistant-addon/config.yaml").contains("version: \"\(version)\""))
        #expect(try Self.text("packaging/home-assistant-addon/Dockerfile").contains("ARG VERSION=\(version)\n"))
        let page = try Self.text("docs/install.md")
        let images = page.matches(of: #/ghcr\.io/[a-z-]+/[a-z-]+:([0-9.]+)/#)
        #expect(!images.isEmpty)
        for image in images { #expect(image.output.1 == version) }
        for package in page.matches(of: #/obis-bridge[=_]([0-9.]+)-1/#) { #expect(package.output.1 == version) }
    }

    @Test(arguments: ["release.yml", "test.yml"]) func `a workflow calls scripts that are there`(name: String) throws {
        let workflow = try Self.text(".github/workflows/\(name)")
        let scripts = Set(workflow.matches(of: #/(?:Scripts|\.ci)/[a-z/-]+/#).map { String($0.output) })
        #expect(!scripts.isEmpty)
        for script in scripts {
            let path = DocumentationTests.root.appendingPathComponent(script).path
            #expect(FileManager.default.isExecutableFile(atPath: path), "\(script)")
        }
    }
}
