// SPDX-License-Identifier: Apache-2.0

extension [Fix] {
    /// Adds a fix; a second one of the same rule joins the first, because a reading has one record per rule.
    mutating func join(_ fix: Fix) {
        guard let index = firstIndex(where: { $0.rule == fix.rule }) else {
            append(fix)
            return
        }
        guard self[index] != fix else { return }
        self[index].fields += fix.fields.filter { !self[index].fields.contains($0) }
        if let original = fix.original, original != self[index].original {
            self[index].original = self[index].original.map { "\($0), \(original)" } ?? original
        }
        if let with = fix.with, with != self[index].with {
            self[index].with = self[index].with.map { "\($0), \(with)" } ?? with
        }
    }
}
