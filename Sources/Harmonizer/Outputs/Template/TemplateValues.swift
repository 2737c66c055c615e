// SPDX-License-Identifier: Apache-2.0

/// The values that a template is filled with.
struct TemplateValues {
    let reading: Reading
    let meter: MeterState

    /// True when this reading has one of the registers: the others alone are no reason to publish again.
    func brings(_ names: [TemplateName]) -> Bool {
        names.contains { name in
            code(of: name).map { obis in reading.registers.contains { $0.obis == obis } } ?? false
        }
    }

    /// The value of a placeholder; nil when there is none, or only an old one.
    func value(_ placeholder: TemplatePlaceholder) -> String? {
        switch placeholder.name {
        case .meter: return meter.id
        case .name: return meter.settings.name ?? meter.id
        case .serial: return meter.serial ?? meter.id
        case .time: return Self.rfc3339(reading.time)
        case .epoch: return "\(reading.time.seconds)"
        case .alias(TariffNames.alias): return fresh(TariffNames.register) == nil ? nil : meter.tariffName
        case .alias, .register:
            if let named = namedValue(placeholder.name) {
                guard fresh(named.register) != nil else { return nil }
                return named.value(in: meter).map(placeholder.text)
            }
            guard let obis = code(of: placeholder.name), let value = fresh(obis) else { return nil }
            switch value {
            case .number(let number): return placeholder.text(number)
            case .text(let text): return text
            case .list: return nil
            }
        }
    }

    private func namedValue(_ name: TemplateName) -> NamedValue? {
        guard case .alias(let alias) = name else { return nil }
        return NamedValue.all.first { $0.alias == alias }
    }

    private func code(of name: TemplateName) -> OBISCode? {
        if let named = namedValue(name) { return named.register }
        switch name {
        case .register(let obis): return obis
        case .alias(TariffNames.alias): return TariffNames.register
        case .alias(let alias): return meter.registers.first { $0.alias == alias }?.value.obis
        default: return nil
        }
    }

    private func fresh(_ obis: OBISCode) -> RegisterValue.Value? {
        if let own = reading.registers.first(where: { $0.obis == obis }) { return own.value }
        guard let known = meter.register(obis),
            reading.received - known.received <= 2 * (known.interval ?? .seconds(30))
        else { return nil }
        return known.value.value
    }

    private static func rfc3339(_ time: Timestamp) -> String {
        var bytes: [UInt8] = []
        RFC3339.append(time, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A text as part of a topic: nothing in a payload adds a level or a wildcard.
    static func level(_ text: String) -> String {
        let isSafe =
            !text.isEmpty && text.utf8.count <= 64
            && text.utf8.allSatisfy { byte in
                byte > 0x20 && byte < 0x7f && !"/+#$".utf8.contains(byte)
            }
        return isSafe ? text : MeterID.fitted(text, hashing: [text])
    }

    /// A text escaped for the quotes of a JSON string.
    static func escaped(_ text: String) -> String {
        var writer = JSONWriter(capacity: text.utf8.count + 2)
        writer.string(text)
        return String(decoding: writer.bytes.dropFirst().dropLast(), as: UTF8.self)
    }
}
