// SPDX-License-Identifier: Apache-2.0

/// Numbers of things in a sentence.
package enum Count {
    /// `1 meter`, `2 meters`.
    package static func text(_ number: Int, _ noun: String, isMore: Bool = false) -> String {
        "\(number)\(isMore ? " or more" : "") \(noun)\(number == 1 && !isMore ? "" : "s")"
    }
}
