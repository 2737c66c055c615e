// SPDX-License-Identifier: Apache-2.0

/// One meter as a list of meters shows it.
package struct MeterSummary: Sendable {
    /// The meter's id.
    package let id: String
    let name: String?
    let isOnline: Bool?
    let newest: (time: Timestamp, clock: Telegram.Clock, received: Timestamp)

    /// The meters as JSON, sorted by id: id, name, availability, the time of the newest reading, and a link to the
    /// state.
    ///
    /// - Parameters:
    ///   - meters: in any order.
    ///   - schema: the schema of the profile, `harmonized/1.0`.
    ///   - link: the address of a meter's state.
    package static func list(_ meters: [MeterSummary], schema: String, link: (String) -> String) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 + 200 * meters.count)
        writer.object { json in
            json.member("schema", schema)
            json.key("meters")
            json.array { json in
                for meter in meters.sorted(by: { $0.id < $1.id }) {
                    json.object { json in
                        json.member("id", meter.id)
                        json.member("name", meter.name)
                        json.member("availability", meter.isOnline.map { $0 ? "online" : "offline" } ?? "unknown")
                        json.member("time", meter.newest.time)
                        json.member("time_source", meter.newest.clock.rawValue)
                        json.member("received", meter.newest.received)
                        json.key("links")
                        json.object { $0.member("self", link(meter.id)) }
                    }
                }
            }
        }
        return writer.bytes
    }
}
