// SPDX-License-Identifier: Apache-2.0

/// The valid word that a user most likely meant.
package enum NearestWord {
    /// The candidate with the fewest edits from `word`, nil when none is near (more than a third of the letters differ).
    package static func of(_ word: String, in candidates: some Sequence<String>) -> String? {
        let limit = max(1, word.count / 3)
        let letters = Array(word.utf8)
        // A difference in length is as many edits; a word of a megabyte is compared with no candidate.
        return candidates.filter { abs($0.utf8.count - letters.count) <= limit }
            .map { (distance(letters, Array($0.utf8)), $0) }
            .filter { $0.0 <= limit }
            .min { ($0.0, $0.1) < ($1.0, $1.1) }?.1
    }

    /// `, did you mean "gplug"?`, or the list of what is valid when nothing is near and the list is short.
    package static func hint(_ word: String, in candidates: some Sequence<String>) -> String {
        let known = Array(candidates)
        if let nearest = of(word, in: known) { return ", did you mean \"\(nearest)\"?" }
        return known.count <= 24 ? "; valid: \(known.sorted().joined(separator: ", "))" : ""
    }

    /// Insertions, deletions, substitutions and swaps of neighbours.
    static func distance(_ one: [UInt8], _ two: [UInt8]) -> Int {
        // Keeps only the current row of the table and the two above it.
        var last = Array(0...two.count)
        var above = last
        var row = last
        for (i, left) in one.enumerated() {
            row[0] = i + 1
            for (j, right) in two.enumerated() {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (left == right ? 0 : 1))
                if i > 0, j > 0, left == two[j - 1], one[i - 1] == right { best = min(best, above[j - 1] + 1) }
                row[j + 1] = best
            }
            swap(&above, &last)
            swap(&last, &row)
        }
        return last[two.count]
    }
}
