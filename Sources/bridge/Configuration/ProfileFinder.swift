// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// Finds and loads the profile: the shipped one, a file, or what stands inline under `profile:`.
struct ProfileFinder {
    let problems: ProblemList
    let files: FileFinder

    func profile(_ node: YAMLNode?) -> Profile? {
        guard let node, !node.isNull else { return Profile.standard }
        let loader = ProfileLoader(problems: problems)
        if case .scalar(let name, _) = node.content {
            guard let root = resolve(name, node.mark) else {
                problems.error(node.mark, ProfileLoader.missing(name))
                return nil
            }
            return loader.load(root, resolve: resolve)
        }
        return loader.load(node, resolve: resolve)
    }

    /// A shipped profile by its name, else a file.
    func resolve(_ name: String, _ mark: SourceMark) -> YAMLNode? {
        if let shipped = ProfileLoader.shipped(name, problems: problems) { return shipped }
        guard let text = try? String(contentsOfFile: files.path(name), encoding: .utf8) else { return nil }
        return YAMLLoader.load(text, file: name, problems: problems)
    }
}
