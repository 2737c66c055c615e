// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Text for a terminal.
package enum Terminal {
    /// Control characters and direction marks as `\u{…}`, one line each.
    package static func escaped(_ text: String) -> String { Printable.escaped(text) }
}
