// SPDX-License-Identifier: Apache-2.0
package import Foundation
import Inputs

/// `influx:`: where readings are written as InfluxDB's line protocol.
package struct InfluxSettings: Sendable, Equatable {
    /// The address that lines are posted to, with everything but the password or token.
    package var url: URL
    /// The password or token.
    package var headers: [String: String] = [:]
    /// What the lines are called.
    package var measurement = "meter"
    /// The ids of the meters that are written; nil for all.
    package var meters: Set<String>?

    /// The address without what may be secret in it.
    package var place: String { HTTPSettings(url: url).place }
}
