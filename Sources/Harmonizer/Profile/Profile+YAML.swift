// SPDX-License-Identifier: Apache-2.0

extension Profile {
    /// A shipped profile.
    ///
    /// - Parameter name: `harmonized`, or `rl-dsp` for the bundles of smartmeter-datacollector.
    /// - Throws: `InvalidProfile` for a name that none has.
    public init(_ name: String = "harmonized") throws(InvalidProfile) {
        let problems = ProblemList()
        let start = SourceMark(file: name, line: 1, column: 1)
        guard let root = ProfileLoader.shipped(name, problems: problems) else {
            problems.error(start, ProfileLoader.missing(name))
            throw InvalidProfile(problems: problems.sorted)
        }
        try self.init(root, problems: problems)
    }

    /// A profile of the user: YAML that says what is different from the shipped profile that it `extends`.
    ///
    /// - Parameters:
    ///   - yaml: the text of the file, as `docs` describe it; `{}` changes nothing.
    ///   - file: what mistakes call it.
    /// - Throws: `InvalidProfile` with every mistake, each with its line.
    public init(yaml: String, file: String = "profile.yaml") throws(InvalidProfile) {
        let problems = ProblemList()
        guard let root = YAMLLoader.load(yaml, file: file, problems: problems) else {
            throw InvalidProfile(problems: problems.sorted)
        }
        try self.init(root, problems: problems)
    }

    /// The shipped profile that goes for everybody who names none. Checked once, as each of its hundreds of lines is; nil would
    /// be a mistake in it.
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
    /// Every mistake, by place; warnings among them.
    public let problems: [ConfigurationProblem]

    /// Makes an error.
    public init(problems: [ConfigurationProblem]) { self.problems = problems }

    /// One mistake a line: `profile.yaml:3:5: error: …`.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
