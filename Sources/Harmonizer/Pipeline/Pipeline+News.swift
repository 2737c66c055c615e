// SPDX-License-Identifier: Apache-2.0

// What a log should say while all is well, and once when it is not: which meters were found, that every source sends, which
// messages are rejected. Only a running bridge says it (`tellsNews`); a command that reads one payload has other words.
extension Pipeline {
    /// Meters that are told one by one; a grid operator has tens of thousands.
    private static let newsLimit = 50

    /// A meter was heard for the first time since the start.
    mutating func tellFirstReading(_ reading: Reading, meter: Int) {
        guard tellsNews, meters[meter].readings == 1 else { return }
        toldMeters += 1
        guard toldMeters <= Self.newsLimit else { return }
        let count = reading.registers.count
        let name = meters[meter].name.map { " (\($0))" } ?? ""
        tell(
            Diagnostic(
                .info,
                "meter \(meters[meter].id)\(name): first reading, \(count) register\(count == 1 ? "" : "s") "
                    + "(source \"\(reading.origin.source)\", \(reading.origin.topic))"))
        if toldMeters == Self.newsLimit {
            tell(Diagnostic(.info, "\(toldMeters) meters heard: more of them are counted in health, and not told here"))
        }
    }

    /// A message of a source came.
    mutating func tellHeard(_ source: Int) {
        guard silence.heard(source), tellsNews else { return }
        let count = settings.sources.count
        let subject = count == 1 ? "the source \"\(settings.sources[0].name)\" sends" : "all \(count) sources send"
        tell(Diagnostic(.info, subject))
    }

    /// A message was rejected: the first of its kind, then the tenth, the hundredth …, so that no reader fills the log.
    mutating func tellReject(_ rejection: Rejection, origin: Origin) {
        // These are told where they arise, with what to do about them.
        guard tellsNews, ![.encrypted, .limit, .crash].contains(rejection.reason),
            let index = counters.index(ofSource: origin.source),
            let count = counters.sources[index].rejected[rejection.reason]
        else { return }
        let subject = "source \"\(origin.source)\": \(rejection.reason.rawValue)"
        if count == 1 {
            let place = rejection.position.map { ", at byte \($0)" } ?? ""
            tell(
                Diagnostic(
                    .warning,
                    "\(subject) on \(origin.topic): \(rejection.detail)\(place); published on "
                        + profile.topics.reject.topic(["bridge": settings.bridge])))
        } else if Self.isRound(count) {
            tell(Diagnostic(.warning, "\(subject): \(count) messages so far"))
        }
    }

    /// A meter fell silent, or sends again; a meter that does both again and again is told ever more seldom.
    mutating func tellAvailability(_ isOnline: Bool, meter: Int, at now: Timestamp) {
        guard tellsNews, let last = meters[meter].newest?.received else { return }
        if !isOnline { meters[meter].silences += 1 }
        let count = meters[meter].silences
        guard count > 0, count <= 3 || Self.isRound(count), toldMeters <= Self.newsLimit else { return }
        let seconds = max(0, now.milliseconds(since: last) / 1000)
        let often = count > 3 ? ", for the \(count)th time" : ""
        tell(
            isOnline
                ? Diagnostic(.info, "meter \(meters[meter].id): online again")
                : Diagnostic(
                    .warning, "meter \(meters[meter].id): offline, the last reading came \(seconds) s ago\(often)")
        )
    }

    /// 10, 100, 1000 …
    private static func isRound(_ count: Int) -> Bool {
        var rest = count
        while rest >= 10, rest % 10 == 0 { rest /= 10 }
        return rest == 1 && count >= 10
    }
}
