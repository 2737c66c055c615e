// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Spans of time for people.
package enum Span {
    /// `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `40 d`; negative ones with a minus sign.
    package static func text(_ milliseconds: Int64) -> String { TimeSpan.milliseconds(milliseconds).text }
}
