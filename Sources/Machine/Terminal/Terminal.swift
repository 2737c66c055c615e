// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// What must not reach a terminal as it is, and what a terminal is told.
package enum Terminal {
    /// Control characters and direction marks as `\u{…}`, one line each.
    package static func escaped(_ text: String) -> String { Printable.escaped(text) }
}
