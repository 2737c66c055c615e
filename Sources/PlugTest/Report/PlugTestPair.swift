// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// Two rows of the same meter, compared register by register.
package struct PlugTestPair: Codable, Sendable, Equatable {
    package var meter: String
    /// The names of both rows.
    package var rows: [String]
    package var registers: [Register]
    package var verdict: PlugTestVerdict

    package struct Register: Codable, Sendable, Equatable {
        package var obis: String
        /// Readings that have one of the other row near to them.
        var pairs: Int
        /// Of all pairs, without sign.
        package var largest: String
        package var unit: String?
        /// When that was, since the start of the recording.
        package var at: TimeSpan
        /// Pairs that differ by more than the register moved meanwhile.
        package var outside: Int

        /// Makes it of its parts.
        package init(obis: String, pairs: Int, largest: String, unit: String? = nil, at: TimeSpan, outside: Int) {
            self.obis = obis
            self.pairs = pairs
            self.largest = largest
            self.unit = unit
            self.at = at
            self.outside = outside
        }
    }
}
