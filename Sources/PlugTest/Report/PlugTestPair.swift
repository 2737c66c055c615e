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
        /// The number of readings with a reading of the other row near in time.
        var pairs: Int
        /// The largest difference of all pairs, without sign.
        package var largest: String
        package var unit: String?
        /// The time of the largest difference, since the start of the recording.
        package var at: TimeSpan
        /// The number of pairs that differ by more than the register changed meanwhile.
        package var outside: Int

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
