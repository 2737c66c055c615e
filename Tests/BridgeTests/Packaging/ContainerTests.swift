// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The Dockerfile, as far as it can be judged without an engine.
@Suite struct ContainerTests {
    private func lines(_ path: String) throws -> [String] {
        try String(contentsOf: DocumentationTests.root.appendingPathComponent(path), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    /// True when `.dockerignore` keeps a path out of the image: its last matching line decides.
    private func isIgnored(_ path: String, by rules: [String]) -> Bool {
        var isIgnored = false
        for rule in rules where !rule.hasPrefix("#") {
            let pattern = rule.hasPrefix("!") ? String(rule.dropFirst()) : rule
            let folders = path.split(separator: "/").indices.map {
                path.split(separator: "/")[...$0].joined(separator: "/")
            }
            guard folders.contains(where: { fnmatch(pattern, $0, FNM_PATHNAME) == 0 }) else { continue }
            isIgnored = !rule.hasPrefix("!")
        }
        return isIgnored
    }

    @Test func `everything that the image is built from gets into it`() throws {
        let rules = try lines(".dockerignore")
        let targets = try lines("Package.swift").prefix { !$0.contains("\"FUZZ\"") }.joined(separator: "\n")
        var paths = targets.matches(of: #/path: "([^"]+)"/#).map { String($0.output.1) }
        paths += [
            "Package.swift", "Sources/bridge", "Sources/CMosquitto", "Sources/CSQLite", "Profiles/harmonized.yaml",
        ]
        for line in try lines("Dockerfile") where line.hasPrefix("COPY ") && !line.contains("--from") {
            paths += line.split(separator: " ").dropFirst().dropLast().map(String.init).filter { $0 != "." }
        }
        #expect(paths.count > 8)
        for path in paths {
            #expect(!isIgnored(path, by: rules), "\(path)")
            let folder = path.hasSuffix("/*.yaml") ? String(path.dropLast(7)) : path
            #expect(
                FileManager.default.fileExists(atPath: DocumentationTests.root.appendingPathComponent(folder).path),
                "\(path)")
        }
        #expect(isIgnored(".git/config", by: rules) && isIgnored("docs/install.md", by: rules))
    }

    /// The words of a file: what stands between spaces and quotation marks.
    private func words(_ path: String) throws -> Set<String> {
        Set(
            try lines(path).flatMap {
                $0.split { $0.isWhitespace || $0 == "\"" || $0 == "`" || $0 == ")" }.map(String.init)
            })
    }

    /// The scripts read this list themselves.
    @Test func `what the build takes is named wherever it is typed by hand`() throws {
        let package = try lines("Package.swift").joined()
        let libraries = package.matches(of: #/\.apt\(\["([^"]+)"\]\)/#).map { String($0.output.1) }
        #expect(libraries.count >= 4)
        for path in ["Dockerfile", "docs/install.md"] {
            #expect(try Set(libraries).subtracting(words(path)).isEmpty, "\(path)")
        }
    }

    @Test func `it has what the package has in the same places, but for what is of systemd and of a shell`() throws {
        let others = [
            "serial.conf", "completions/obis-bridge", "completions/_obis-bridge", "completions/obis-bridge.fish",
        ]
        let copied = try lines("Dockerfile").filter { $0.hasPrefix("COPY ") }.map {
            $0.split(separator: " ").map(String.init)
        }
        for line in try lines("packaging/debian/obis-bridge.install") {
            let parts = line.split(separator: " ").map(String.init)
            guard !others.contains(parts[0]) else { continue }
            let name = parts[0].split(separator: "/").last.map(String.init) ?? parts[0]
            // A folder is named at the end, files are put into one.
            let places = ["/\(parts[1])/", "/\(parts[1])/\(name)"]
            #expect(
                copied.contains { $0[$0.count - 2].hasSuffix("/\(name)") && places.contains($0[$0.count - 1]) },
                "\(line)")
        }
    }

    @Test func `it installs the libraries that the program asks for, and no root runs it`() throws {
        let text = try lines("Dockerfile").joined(separator: "\n")
        let stage = try #require(text.components(separatedBy: "\nFROM ").last)
        for word in [
            "libmosquitto1", "libsqlite3-0", "libcurl4", "libssl3", "libstdc++6", "zlib1g", "tzdata", "ca-certificates",
            "\nUSER obis-bridge\n",
        ] {
            #expect(stage.contains(word), "\(word)")
        }
        #expect(stage.contains(#"ENTRYPOINT ["/usr/bin/obis-bridge"]"#))
    }
}
