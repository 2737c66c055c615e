// SPDX-License-Identifier: Apache-2.0
package import Foundation
import Inputs

/// `influx:`: the server to which readings are written in InfluxDB's line protocol.
package struct InfluxSettings: Sendable, Equatable {
    /// The URL to which lines are posted, without the password or token.
    package var url: URL
    /// The HTTP headers, with the password or token.
    package var headers: [String: String] = [:]
    /// The measurement of the lines.
    package var measurement = "meter"
    /// The ids of the meters to write; nil for all.
    package var meters: Set<String>?

    /// The URL without its parts that may be secret.
    package var place: String { HTTPSettings(url: url).place }
}
