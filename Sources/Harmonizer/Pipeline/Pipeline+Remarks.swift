// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Malformed lines of one device that are reported one by one.
    private static let malformedLimit = 10

    /// Remarks of one device that wait for its meter.
    private static let waitingLimit = 100

    /// Keeps a guessed dictionary until the meter is known whose `info` has to name it.
    mutating func learnLabels(_ remarks: [Remark], device index: Int) {
        for case .guessedLabels(let name, _, _) in remarks { devices[index].labels = .labels(name, guessed: true) }
    }

    /// Takes in what a decoder noticed. While the meter of a device is not known but may be in a moment, its remarks wait:
    /// the sentence names the meter.
    mutating func note(_ remarks: [Remark], device index: Int) {
        let room = max(0, Self.waitingLimit - devices[index].remarks.count)
        devices[index].remarks += remarks.prefix(room)
        if devices[index].identity != nil { sayRemarks(of: index) }
    }

    /// Says what waits, also where no meter is known.
    mutating func sayRemarks(of index: Int) {
        let remarks = devices[index].remarks
        devices[index].remarks = []
        say(remarks, device: index)
    }

    /// Turns remarks into sentences that name the meter and the line to write.
    private mutating func say(_ remarks: [Remark], device index: Int) {
        for remark in remarks {
            let source = source(of: index)
            let meter = devices[index].identity?.meter
            let subject = meter.map { "meter \(meters[$0].id)" } ?? "source \"\(source.name)\""
            let place = source.place.map { " at \($0)" } ?? ""
            switch remark {
            case .guessedLabels(let name, let known, let count):
                say(
                    Diagnostic(
                        .info,
                        "\(subject): guessed labels \(name) from \(known) of \(count) keys; write \"labels: \(name)\"\(place)"
                    ))
            case .ambiguousLabels(let candidates, let keys):
                let choice = candidates.isEmpty ? "no dictionary" : candidates.joined(separator: " or ")
                let more = keys.count > 20 ? " …" : ""
                say(
                    Diagnostic(
                        .warning,
                        "\(subject): the labels \(keys.prefix(20).joined(separator: ", "))\(more) fit \(choice); write \"labels: NAME\"\(place)"
                    ))
            case .betterLabels(let better, let known, let count, let name, let fewer):
                say(
                    Diagnostic(
                        .warning,
                        "\(subject): \(name) knows \(fewer) of \(count) labels, \(better) knows \(known) of \(count); "
                            + "write \"labels: \(better)\"\(place)"))
            case .unknownLabel(let label):
                counters.unknownLabels += 1
                say(Diagnostic(.warning, "\(subject): no OBIS code for the label \"\(label)\", so it is not published"))
            case .malformed(let text):
                counters.malformed += 1
                devices[index].malformedReported += 1
                let reported = devices[index].malformedReported
                guard reported <= Self.malformedLimit else { continue }
                let isLast = reported == Self.malformedLimit
                let more = isLast ? "; more of them are only counted" : ""
                say(Diagnostic(.warning, "\(subject): \(text.prefix(120))\(more)"))
            }
        }
    }

    /// A container is usually in UTC while its readers send local time. One live message shows it: its clock is a whole
    /// number of hours away from the arrival.
    mutating func hintAtZone(_ telegram: Telegram, source index: Int, origin: Origin) {
        guard settings.sources[index].isZoneOfHost, !origin.isRetained, !zoneHints.contains(index),
            let raw = telegram.time, settings.sources[index].zone.offset(at: origin.received) == 0
        else { return }
        let face: WallTime
        switch raw {
        case .instant, .invalid: return
        case .local(let wall), .seasonal(let wall, _): face = wall
        }
        let seconds = face.instant(offset: 0).milliseconds(since: origin.received) / 1000
        let hours = Int((Double(seconds) / 3600).rounded())
        guard hours != 0, abs(hours) <= 14, abs(seconds - Int64(hours) * 3600) <= 180 else { return }
        // What was queued for an hour looks like a clock in the west; only one that stays there for a minute is.
        if hours < 0 {
            let earlier = zoneSuspects[index].flatMap { $0.hours == hours ? $0 : nil }
            zoneSuspects[index] = earlier ?? (hours, origin.received)
            guard let earlier, origin.received.milliseconds(since: earlier.since) >= 60_000 else { return }
        }
        zoneHints.insert(index)
        let source = settings.sources[index]
        let candidates = ["Europe/Zurich", "Europe/Helsinki", "Europe/London", "Atlantic/Azores", "Europe/Istanbul"]
        let zone = candidates.first { Zone($0)?.offset(at: origin.received) == hours * 3600 } ?? "NAME"
        let offset = hours > 0 ? "+\(hours)" : "\(hours)"
        say(
            Diagnostic(
                .warning,
                "this host's zone is UTC but \(source.name) sends local time, \(offset):00 h: set zone: \(zone)"))
    }
}
