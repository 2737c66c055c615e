// SPDX-License-Identifier: Apache-2.0

/// One mistake in a configuration or profile file, with its place.
public struct ConfigurationProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Its place.
    public var mark: SourceMark
    /// The sentence about it, with the nearest valid word where there is one.
    public var message: String
    /// True for advice: the file is usable.
    public var isWarning: Bool

    /// Makes a problem.
    public init(_ mark: SourceMark, _ message: String, isWarning: Bool = false) {
        self.mark = mark
        self.message = message
        self.isWarning = isWarning
    }

    /// `bridge.yaml:4:12: error: unknown adapter "gplugd", did you mean "gplug"?`
    public var description: String { "\(mark): \(isWarning ? "warning" : "error"): \(message)" }
}

/// Collects every problem of one pass, so that a user corrects a file once and not once per mistake.
public final class ProblemList {
    /// The problems so far, in the order they were found.
    public private(set) var problems: [ConfigurationProblem] = []

    /// The keys that the readers of each kind of mapping asked for (`a source`): its valid keys.
    package private(set) var knownKeys: [String: Set<String>] = [:]

    /// An empty list.
    public init() {}

    /// True while nothing makes the files unusable.
    public var isUsable: Bool { problems.allSatisfy(\.isWarning) }

    /// Notes the valid keys of a kind of mapping.
    func note(keys: Set<String>, of what: String) { knownKeys[what, default: []].formUnion(keys) }

    /// Adds an error.
    public func error(_ mark: SourceMark, _ message: String) { problems.append(ConfigurationProblem(mark, message)) }

    /// Adds advice.
    public func warning(_ mark: SourceMark, _ message: String) {
        problems.append(ConfigurationProblem(mark, message, isWarning: true))
    }

    /// The problems by place, each once.
    public var sorted: [ConfigurationProblem] {
        var seen: Set<ConfigurationProblem> = []
        return problems.filter { seen.insert($0).inserted }
            .sorted { ($0.mark.file, $0.mark.line, $0.mark.column) < ($1.mark.file, $1.mark.line, $1.mark.column) }
    }
}
