// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// A verdict in the words of the `.expected` files: one line a fact, in a fixed order, nothing left out.
enum VerdictText {
    static func lines(_ verdict: Verdict?) -> [String] {
        switch verdict {
        case nil: ["nothing"]
        case .telegrams(let telegrams, let rejected, let remarks):
            telegrams.flatMap(lines) + remarks.map(line) + rejected.map(line)
        case .fragment: ["fragment"]
        case .ignored(let kind, let remarks): ["ignored \(kind)"] + remarks.map(line)
        case .availability(let isOnline): ["availability \(isOnline ? "online" : "offline")"]
        case .rejected(let rejection): [line(rejection)]
        }
    }

    private static func line(_ rejection: Rejection) -> String {
        let place = rejection.position.map { " at \($0)" } ?? ""
        return "rejected \(rejection.reason.rawValue)\(place) \(quoted(rejection.detail))"
    }

    private static func lines(_ telegram: Telegram) -> [String] {
        var lines: [String] = []
        if let device = telegram.device { lines.append("device \(device)") }
        if let id = telegram.id { lines.append("id \(quoted(id.text))\(id.isHexadecimalText ? " hexadecimal" : "")") }
        if let time = telegram.time {
            lines.append("time \(text(time))")
            lines.append("clock \(telegram.clock.rawValue)")
        }
        if telegram.isPart { lines.append("part") }
        if let model = telegram.model {
            lines.append("model \(model.manufacturer.map(quoted) ?? "-") \(model.model.map(quoted) ?? "-")")
        }
        lines += telegram.observations.flatMap(self.lines)
        for submeter in telegram.submeters {
            lines.append(
                "submeter \(submeter.channel) \(submeter.medium.rawValue)\(submeter.id.map { " " + quoted($0) } ?? "")")
        }
        lines += telegram.repairs.map { fix in
            var line = "repair \(fix.rule.rawValue) \(fix.action.rawValue)"
            if !fix.fields.isEmpty { line += " " + fix.fields.joined(separator: ",") }
            if let original = fix.original { line += " original \(quoted(original))" }
            if let with = fix.with { line += " with \(quoted(with))" }
            return line
        }
        return ["reading"] + lines.map { "  " + $0 }
    }

    private static func lines(_ observation: Observation) -> [String] {
        var suffix = observation.time.map { " at \(text($0))" } ?? ""
        if let raw = observation.raw { suffix += " raw \(quoted(raw))" }
        switch observation.value {
        case .number(let number):
            return ["\(observation.obis) \(number)\(observation.unit.map { " \($0)" } ?? "")\(suffix)"]
        case .text(let words):
            return ["\(observation.obis) text \(quoted(words))\(suffix)"]
        case .list(let entries):
            return ["\(observation.obis) list\(suffix)"]
                + entries.map {
                    "  \($0.value)\($0.unit.map { " \($0)" } ?? "")\($0.time.map { " at \(text($0))" } ?? "")"
                }
        }
    }

    private static func text(_ time: RawTime) -> String {
        switch time {
        case .instant(let instant): "instant \(instant)"
        case .local(let wall): "local \(wall)"
        case .seasonal(let wall, let isSummer): "\(isSummer ? "summer" : "winter") \(wall)"
        case .invalid(let words): "invalid \(quoted(words))"
        }
    }

    private static func line(_ remark: Remark) -> String {
        switch remark {
        case .guessedLabels(let name, let known, let all): "remark guessed \(name) \(known) of \(all)"
        case .ambiguousLabels(let candidates, let keys):
            "remark ambiguous [\(candidates.joined(separator: " "))] for [\(keys.joined(separator: " "))]"
        case .betterLabels(let better, let known, let count, let name, let fewer):
            "remark \(quoted(better)) \(known)/\(count) instead of \(quoted(name)) \(fewer)/\(count)"
        case .unknownLabel(let label): "remark unknown \(quoted(label))"
        case .unreadFields(let names, let mapping): "remark unread [\(names.joined(separator: " "))] by \(mapping)"
        case .absentFields(let names, let mapping): "remark absent [\(names.joined(separator: " "))] of \(mapping)"
        case .malformed(let words): "remark malformed \(quoted(words))"
        }
    }

    /// In quotes, with control characters and quotes escaped, so that every text is one readable line.
    private static func quoted(_ text: String) -> String {
        "\"" + text.unicodeScalars.map { $0.escaped(asASCII: false) }.joined() + "\""
    }
}
