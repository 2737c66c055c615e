// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Counts the repairs of a reading, and tells those that are news about its meter.
    mutating func note(_ fixes: [Fix], meter: Int, device index: Int, at received: Timestamp) {
        guard !fixes.isEmpty else { return }
        let source = source(of: index).name
        for fix in fixes {
            counters.count(fix, source: devices[index].device.source)
            guard let news = meters[meter].ledger.note(fix, source: source, at: received) else { continue }
            // The guard of a counter says itself what it holds, and how to confirm it.
            if news == .new, fix.action == .hold || fix.action == .accept, Self.ruleOfCounters.contains(fix.rule) {
                continue
            }
            let level: Diagnostic.Level = fix.rule.level == .doubt ? .warning : .info
            tell(Diagnostic(level, Self.sentence(fix, meter: meters[meter].id, source: source)))
        }
    }

    private static let ruleOfCounters: Set<Fix.Rule> = [
        .counterDecrease, .counterZero, .counterJump, .counterConfirmed,
    ]

    /// Actions whose past tense is not the word with `ed` behind it.
    private static let verbs: [Fix.Action: String] = [
        .substitute: "substituted", .drop: "left out", .restore: "restored", .hold: "held", .flag: "noticed",
    ]

    /// `meter x: counter.zero: held 1-0:1.8.0, sent 0 (source "gplug")`.
    private static func sentence(_ fix: Fix, meter: String, source: String) -> String {
        let verb = verbs[fix.action] ?? "\(fix.action.rawValue)ed"
        var text = "meter \(meter): \(fix.rule.rawValue): \(verb)"
        if !fix.fields.isEmpty {
            text += " " + fix.fields.prefix(5).joined(separator: ", ") + (fix.fields.count > 5 ? ", …" : "")
        }
        if let original = fix.original { text += ", sent \(original.prefix(80))" }
        // The reading says `received`, the name of its own member.
        if let with = fix.with { text += ", used \(with == "received" ? "the time of arrival" : "\(with.prefix(80))")" }
        return text + " (source \"\(source)\"" + (fix.by.map { ", \($0)" } ?? "") + ")"
    }
}
