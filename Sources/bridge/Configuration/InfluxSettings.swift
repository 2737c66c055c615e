// SPDX-License-Identifier: Apache-2.0
import Foundation
import Inputs

/// `influx:`: where readings are written as InfluxDB's line protocol.
struct InfluxSettings: Sendable, Equatable {
    /// The address that lines are posted to, with everything but the password or token.
    var url: URL
    /// The password or token.
    var headers: [String: String] = [:]
    /// What the lines are called.
    var measurement = "meter"
    /// The ids of the meters that are written; nil for all.
    var meters: Set<String>?

    /// The address without what may be secret in it.
    var place: String { HTTPSettings(url: url).place }
}
