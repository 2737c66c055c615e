// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Devices of one kind in a list, `/external/type=gas_meter`: which of them is in use, and the channel of each.
///
/// Some readers keep a meter that was exchanged in the list, beside the new one. The reader's other data about the
/// device decides (its id in a field of its own), then the age of the values: a device whose values are a day behind
/// the newest is dead. Of several live devices the first by id gets the mapping's channel, so that the order of the
/// list has no effect; the others get channels ten, twenty … higher.
struct DeviceElements {
    /// An element with its channel; nil: the mapping's channel.
    typealias Placed = (element: JSONValue, channel: UInt8?)

    /// Difference in days between live and dead devices; day stamps of P1 are compared by their digits.
    private static let dead: Int64 = 1

    let mapping: FieldMapping
    let root: JSONValue

    /// The elements that a field selects, each with its channel; empty for a field that does not select elements.
    func placed(_ field: FieldMapping.Field) -> (elements: [Placed], rest: JSONPointer)? {
        guard let channel = Self.channel(of: field.meaning), let pointer = field.key.pointer,
            let found = pointer.elements(in: root), found.elements.count > 1
        else { return nil }
        let ids = found.elements.map { id(of: $0, list: found.list) ?? "" }
        let days = found.elements.map { day(of: $0, list: found.list) }
        let newest = days.compactMap(\.self).max()
        let named = mapping.index.pointed.lazy.compactMap { other -> String? in
            guard other.meaning == .submeterID(channel: Int(channel)), let pointer = other.key.pointer,
                pointer.elements(in: root) == nil
            else { return nil }
            return pointer.value(in: root)?.literal.string
        }.first
        let order = found.elements.indices.sorted { one, other in
            if let named, (ids[one] == named) != (ids[other] == named) { return ids[one] == named }
            let isDead = { (index: Int) in
                days[index].flatMap { day in newest.map { $0 - day > Self.dead } } ?? false
            }
            if isDead(one) != isDead(other) { return isDead(other) }
            return (ids[one], one) < (ids[other], other)
        }
        let placed = order.enumerated().map { rank, index -> Placed in
            (found.elements[index], rank == 0 ? nil : UInt8(clamping: Int(channel) + 10 * rank))
        }
        return (placed, found.rest)
    }

    private static func channel(of meaning: FieldMapping.Meaning) -> UInt8? {
        switch meaning {
        case .register(let register): register.code.a == 0 ? register.code.b : nil
        case .time(let code, _): code.a == 0 ? code.b : nil
        case .submeterID(let channel), .submeterType(let channel): UInt8(clamping: channel)
        default: nil
        }
    }

    private func value(of element: JSONValue, list: String, where isWanted: (FieldMapping.Meaning) -> Bool)
        -> JSONValue?
    {
        for field in mapping.index.pointed where isWanted(field.meaning) {
            guard let pointer = field.key.pointer, pointer.text.hasPrefix(list), let found = pointer.elements(in: root)
            else { continue }
            if let value = found.rest.value(in: element) { return value }
        }
        return nil
    }

    private func id(of element: JSONValue, list: String) -> String? {
        value(of: element, list: list) { if case .submeterID = $0 { true } else { false } }?.literal.string
    }

    /// The day of a device's capture time, as a number of days.
    private func day(of element: JSONValue, list: String) -> Int64? {
        let time = value(of: element, list: list) { if case .time = $0 { true } else { false } }
        switch time.map({ FieldTime.read(FieldValue($0), .any) }) {
        case .instant(let instant)??: return (instant - Timestamp(seconds: 0)).days
        case .local(let wall)??, .seasonal(let wall, _)??:
            return (wall.instant(offset: 0) - Timestamp(seconds: 0)).days
        default: return nil
        }
    }
}
