// SPDX-License-Identifier: Apache-2.0

extension Telegram {
    /// The rules about a telegram that was hard to read: its `repairs`.
    static let rules: [Fix.Rule] = [.telegramRestored, .payloadLenient, .telegramPartial]

    /// A rejection for content beyond that of any meter; nil for an honest telegram.
    func excess(_ limits: Limits) -> Rejection? {
        if let id = id?.text.utf8.count, id > Limits.idLength {
            return Rejection(.tooLarge, "an id of \(id) bytes, more than \(Limits.idLength)")
        }
        if let device = device?.utf8.count, device > limits.topicLength {
            return Rejection(.tooLarge, "a device name of \(device) bytes, more than \(limits.topicLength)")
        }
        var longest = max(model?.manufacturer?.utf8.count ?? 0, model?.model?.utf8.count ?? 0)
        for submeter in submeters { longest = max(longest, submeter.id?.utf8.count ?? 0) }
        if longest > Limits.idLength {
            return Rejection(.tooLarge, "an identification of \(longest) bytes, more than \(Limits.idLength)")
        }
        var count = observations.count
        for observation in observations {
            switch observation.value {
            case .number:
                guard let unit = observation.unit, unit.isCut else { continue }
                return Rejection(.tooLarge, "\(observation.obis): a unit of more than \(Unit.longest) bytes")
            case .list(let entries): count += entries.count
            case .text(let text):
                guard text.utf8.count > Limits.textLength else { continue }
                let detail = "a text of \(text.utf8.count) bytes, more than \(Limits.textLength)"
                return Rejection(.tooLarge, "\(observation.obis): \(detail)")
            }
        }
        guard count <= limits.registers else {
            return Rejection(.tooLarge, "\(count) registers in one telegram, more than \(limits.registers)")
        }
        return nil
    }
}
