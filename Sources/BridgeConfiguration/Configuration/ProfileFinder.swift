// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// Finds and loads the profile: the shipped one, a file, or an inline mapping under `profile:`.
package struct ProfileFinder {
    package let problems: ProblemList
    package let files: FileFinder

    package init(problems: ProblemList, files: FileFinder) {
        self.problems = problems
        self.files = files
    }

    func profile(_ node: YAMLNode?) -> Profile? {
        guard let node, !node.isNull else { return Profile.standard }
        let loader = ProfileLoader(problems: problems)
        if case .scalar(let name, _) = node.content {
            return resolve(name, node.mark).flatMap { loader.load($0, resolve: resolve) }
        }
        return loader.load(node, resolve: resolve)
    }

    /// The merged profile as YAML, each value with its original place; nil when it cannot be merged.
    package func merged(_ node: YAMLNode?) -> YAMLNode? {
        guard let node, !node.isNull else { return ProfileLoader.shipped("harmonized", problems: problems) }
        let loader = ProfileLoader(problems: problems)
        if case .scalar(let name, _) = node.content {
            return resolve(name, node.mark).flatMap { loader.merged($0, resolve: resolve) }
        }
        return loader.merged(node, resolve: resolve)
    }

    /// A shipped profile by its name, else a file; nil, with a report, when it is neither.
    func resolve(_ name: String, _ mark: SourceMark) -> YAMLNode? {
        if let shipped = ProfileLoader.shipped(name, problems: problems) { return shipped }
        let text = files.text(name, what: "profile", shipped: ProfileLoader.shippedNames) { problems.error(mark, $0) }
        return text.flatMap { YAMLLoader.load($0, file: name, problems: problems) }
    }
}
