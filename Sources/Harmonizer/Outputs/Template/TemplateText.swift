// SPDX-License-Identifier: Apache-2.0

/// A text with `{{placeholders}}`, parsed once.
struct TemplateText: Sendable {
    private enum Piece: Sendable {
        case text(String)
        case placeholder(TemplatePlaceholder)
    }

    private let pieces: [Piece]

    init(_ text: String, known: TemplateName.Known) throws(TemplateFault) {
        var pieces: [Piece] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "{{") {
            if start.lowerBound > rest.startIndex { pieces.append(.text(String(rest[..<start.lowerBound]))) }
            rest = rest[start.upperBound...]
            guard let end = rest.firstRange(of: "}}") else { throw TemplateFault("{{ without }} in \(text)") }
            pieces.append(.placeholder(try TemplatePlaceholder(rest[..<end.lowerBound], known: known)))
            rest = rest[end.upperBound...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        self.pieces = pieces
    }

    /// The names between the braces.
    var names: [TemplateName] {
        pieces.compactMap { if case .placeholder(let placeholder) = $0 { placeholder.name } else { nil } }
    }

    var hasRegister: Bool { names.contains(where: \.isRegister) }

    /// The text with its values; nil when one of them is missing.
    func text(_ value: (TemplatePlaceholder) -> String?) -> String? {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let part): text += part
            case .placeholder(let placeholder):
                guard let part = value(placeholder) else { return nil }
                text += part
            }
        }
        return text
    }

    /// The topic filter of a topic.
    var filter: String { OutputTopic.filter(text { _ in "{}" } ?? "") }
}

/// What is wrong with a template, for the person who wrote it.
struct TemplateFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What a placeholder names.
enum TemplateName: Sendable, Equatable {
    case alias(String)
    case register(OBISCode)
    case meter, name, serial, time, epoch

    var isRegister: Bool {
        switch self {
        case .alias, .register: true
        default: false
        }
    }

    init?(_ text: String, known: Known) {
        switch text {
        case "meter": self = .meter
        case "name": self = .name
        case "serial": self = .serial
        case "time": self = .time
        case "epoch": self = .epoch
        default:
            if known.aliases.contains(text) {
                self = .alias(text)
            } else if let obis = OBISCode(text), text.contains(".") {
                self = .register(obis.canonical)
            } else {
                return nil
            }
        }
    }

    /// The names that a template may contain.
    struct Known {
        let aliases: Set<String>

        init(_ profile: Profile) {
            var aliases = Set(profile.registers.values.compactMap(\.alias))
            if aliases.remove("{medium}") != nil {
                for medium in ["electricity", "gas", "heat", "cooling", "water", "warm_water", "other"] {
                    aliases.insert(medium)
                    for channel in Profile.channels { aliases.insert("\(medium)_\(channel)") }
                }
            }
            self.aliases = aliases.union(NamedValue.all.map(\.alias) + [TariffNames.alias])
        }

        func hint(_ text: String) -> String {
            NearestWord.hint(text, in: aliases.sorted() + ["meter", "name", "serial", "time", "epoch"])
        }
    }
}
