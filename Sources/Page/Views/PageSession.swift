// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// The state sent to one open page, from which the next event is computed.
package struct PageSession: Sendable {
    package let view: PageView
    private var slots: [String: HTMLWriter.Slot] = [:]
    private var shapes: [String: Int] = [:]
    /// The number of the last state sent to the page.
    package private(set) var sequence: UInt64 = 0

    /// The session of a page that shows nothing yet.
    package init(_ view: PageView) { self.view = view }

    /// Compares a newer state with the last one.
    ///
    /// - Returns: the event that updates the page; nil when nothing changed.
    package mutating func event(_ data: PageData, _ writer: PageWriter) -> [UInt8]? {
        let parts = writer.parts(of: view, data)
        sequence = data.sequence
        var isReshaped = false
        var changed: [String: HTMLWriter.Slot] = [:]
        for (name, part) in parts {
            let shape = part.shape
            if shapes.updateValue(shape, forKey: name) != shape { isReshaped = true }
            for (key, slot) in part.slots where slots.updateValue(slot, forKey: key) != slot { changed[key] = slot }
        }
        if data.isWhole, shapes.count != parts.count {
            isReshaped = true
            shapes = shapes.filter { parts[$0.key] != nil }
        }
        if isReshaped { return Self.event("shape", [:], at: data.now) }
        return changed.isEmpty ? nil : Self.event("values", changed, at: data.now)
    }

    /// The event sent when nothing changed for a while, so that the page notices a lost connection.
    package static func pulse(at now: Timestamp) -> [UInt8] { event("pulse", [:], at: now) }

    /// The first event for a page that was just opened: its slots when the page's `shape` is current, else the request
    /// to reload.
    package mutating func begin(_ data: PageData, _ writer: PageWriter, shape: String) -> [UInt8] {
        let parts = writer.parts(of: view, data)
        sequence = data.sequence
        shapes = parts.mapValues(\.shape)
        for part in parts.values { slots.merge(part.slots) { _, new in new } }
        guard shape == PageWriter.shape(parts) else { return Self.event("shape", [:], at: data.now) }
        return Self.event("values", slots, at: data.now)
    }

    private static func event(_ name: String, _ slots: [String: HTMLWriter.Slot], at now: Timestamp) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 * slots.count + 64)
        writer.object { json in
            json.member("now", now.rfc3339)
            guard !slots.isEmpty else { return }
            json.key("slots")
            json.object { json in
                for (key, slot) in slots.sorted(by: { $0.key < $1.key }) {
                    json.key(named: key)
                    json.array { json in
                        json.string(Printable.escaped(slot.text))
                        guard !slot.attributes.isEmpty else { return }
                        json.object { json in
                            for (name, value) in slot.attributes.sorted(by: { $0.key < $1.key }) {
                                json.member(named: name, Printable.escaped(value))
                            }
                        }
                    }
                }
            }
        }
        return Array("event: \(name)\ndata: ".utf8) + writer.bytes + Array("\n\n".utf8)
    }
}
