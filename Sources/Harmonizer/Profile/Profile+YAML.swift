// SPDX-License-Identifier: Apache-2.0

extension Profile {
    /// A shipped profile.
    ///
    /// - Parameter name: `harmonized`, or `rl-dsp` for the bundles of smartmeter-datacollector.
    /// - Throws: `InvalidProfile` for a name that no shipped profile has.
    public init(_ name: String = "harmonized") throws(InvalidProfile) {
        let problems = ProblemList()
        let start = SourceMark(file: name, line: 1, column: 1)
        guard let root = ProfileLoader.shipped(name, problems: problems) else {
            problems.error(start, ProfileLoader.missing(name))
            throw InvalidProfile(problems: problems.sorted)
        }
        try self.init(root, problems: problems)
    }

    /// A user's profile: YAML with the differences from the shipped profile that it `extends`.
    ///
    /// - Parameters:
    ///   - yaml: the text of the file, as `docs` describe it; `{}` changes nothing.
    ///   - file: the file's name in error messages.
    /// - Throws: `InvalidProfile` with every mistake, each with its line.
    public init(yaml: String, file: String = "profile.yaml") throws(InvalidProfile) {
        let problems = ProblemList()
        guard let root = YAMLLoader.load(yaml, file: file, problems: problems) else {
            throw InvalidProfile(problems: problems.sorted)
        }
        try self.init(root, problems: problems)
    }

    /// The profile used when the configuration names none. Checked once, as each of its hundreds of lines is; nil would
    /// mean a mistake in the shipped file.
    package static let standard = try? Profile("harmonized")

    private init(_ root: YAMLNode, problems: ProblemList) throws(InvalidProfile) {
        let loader = ProfileLoader(problems: problems)
        let loaded = loader.load(root) { name, _ in ProfileLoader.shipped(name, problems: problems) }
        guard let loaded else { throw InvalidProfile(problems: problems.sorted) }
        self = loaded
    }
}

/// A profile that cannot be used, and why.
public struct InvalidProfile: Error, CustomStringConvertible {
    /// Every mistake, sorted by place; warnings included.
    public let problems: [ConfigurationProblem]

    /// Makes an error.
    public init(problems: [ConfigurationProblem]) { self.problems = problems }

    /// One mistake per line: `profile.yaml:3:5: error: …`.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
