// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// A power with its unit, sign and direction, in digits, words and colour.
struct PowerNumber {
    let power: NetPower
    let role: MeterRole?
    let texts: Texts

    func write(_ key: String, isOnline: Bool, _ html: inout HTMLWriter) {
        let shown = Shown.power(power.watts)
        let state = isOnline ? power.direction : "offline"
        // The output of solar panels and batteries is not shown as a negative amount.
        let hasSign = power.direction == "export" && role != .pv && role != .battery
        let sign = hasSign ? "−" : ""
        html.element("p", ["class": "power"]) { html in
            html.slot("\(key).power", "span", ["class": "number"], sign + shown.number, live: ["data-state": state])
            html.slot("\(key).unit", "span", ["class": "unit"], shown.unit)
            html.slot(
                "\(key).direction", "span", ["class": "direction"],
                texts.word("power", power.direction, of: role),
                live: ["data-state": state])
        }
    }
}

/// The badges of a meter: offline, unknown, held, stale, repaired.
struct Badges {
    let meter: MeterGlance
    /// True when the meter's last reading needed a repair.
    let isRepaired: Bool
    let texts: Texts

    func write(_ html: inout HTMLWriter) {
        html.element("span", ["class": "badges"]) { html in
            if meter.isOnline == false { badge("offline", &html) }
            if meter.isOnline == nil { badge("unknown", &html) }
            if meter.held > 0 { badge("held", &html) }
            if meter.stale > 0, meter.isOnline == true { badge("stale", &html) }
            if isRepaired { badge("repaired", &html) }
        }
    }

    private func badge(_ word: String, _ html: inout HTMLWriter) {
        html.element(
            "span", ["class": "badge \(word)", "title": texts("badge.\(word).hint")], texts("badge.\(word)"))
    }
}

/// The list of what the bridge still waits for; writes nothing when the bridge works.
struct Missing {
    let missing: [String]
    let title: String

    init(data: PageData, texts: Texts) {
        missing = data.missing
        title = texts("frame.missing")
    }

    func write(_ html: inout HTMLWriter) {
        guard !missing.isEmpty else { return }
        html.element("div", ["class": "warning", "role": "status"]) { html in
            html.element("b", title)
            html.element("ul") { html in for one in missing { html.element("li", one) } }
        }
    }
}

/// The average power of the running quarter hour against the month's peak, which the tariff already charges.
struct DemandGauge {
    let meter: MeterGlance
    let texts: Texts
    /// True to show the year's value too.
    var showsYear = false

    func write(_ key: String, _ html: inout HTMLWriter) {
        guard let running = number("demand_import") else { return }
        let peak = number("demand_import_max")
        let whole = max(peak ?? .zero, meter.demand?.floor ?? .zero)
        guard !whole.isZero else { return }
        let share = Int64(rounding: running.scaled(byPowerOfTen: 3)).flatMap { now in
            Int64(rounding: whole).map { max(0, min(1000, now / max(1, $0))) }
        }
        html.element("div", ["class": "gauge"]) { html in
            html.slot("\(key).demand", "p", sentence(running, peak))
            html.slot(
                "\(key).gauge", "meter", ["min": "0", "max": "1000", "aria-label": texts("demand.title")], "",
                live: ["value": "\(share ?? 0)"])
            if showsYear, let year = meter.demand?.year {
                html.slot("\(key).year", "p", texts("demand.year", kilowatts(year)))
            }
        }
    }

    private func sentence(_ running: ExactDecimal, _ peak: ExactDecimal?) -> String {
        let expected = meter.demand?.expected.map { texts("demand.expected", kilowatts($0)) } ?? ""
        let now = texts("demand.now", kilowatts(running)) + expected
        return peak.map { now + texts("demand.peak", kilowatts($0)) } ?? now
    }

    private func kilowatts(_ watts: ExactDecimal) -> String {
        "\(Shown.number(watts.scaled(byPowerOfTen: -3), decimals: 2))\(Shown.space)kW"
    }

    /// A current value in W; nil for a stale one, such as last month's peak in the first quarter hour of a month.
    private func number(_ alias: String) -> ExactDecimal? {
        guard let register = meter.register(alias), !register.isStale, register.value.unit?.symbol == "W",
            case .number(let number) = register.value.value
        else { return nil }
        return number
    }
}

/// The age of something; the script keeps it counting.
struct Age {
    let time: Timestamp
    let data: PageData
    let texts: Texts

    init(_ time: Timestamp, data: PageData, texts: Texts) {
        self.time = time
        self.data = data
        self.texts = texts
    }

    func write(_ key: String, _ html: inout HTMLWriter) {
        html.slot(
            key, "time", ["class": "age", "data-age": ""], text,
            live: ["datetime": "\(time.rfc3339)", "title": Shown.moment(time, in: data.zone)])
    }

    private var text: String {
        let seconds = max(0, (data.now - time).seconds)
        switch seconds {
        case ..<3: return texts("age.now")
        case ..<120: return texts("age.seconds", "\(seconds)")
        case ..<7200: return texts("age.minutes", "\(seconds / 60)")
        case ..<172_800: return texts("age.hours", "\(seconds / 3600)")
        default: return texts("age.days", "\(seconds / 86_400)")
        }
    }
}

/// The power of the last hour as a line, in the import colour above zero and in the export colour below. With less than
/// an hour of data the line spans a shorter time.
struct Sparkline {
    let points: [PowerPoint]
    /// The usual time between two readings.
    let interval: TimeSpan?
    let texts: Texts

    private static let width = 180
    private static let height = 48
    private static let margin = 3
    /// In minutes.
    private static let spans = [5, 10, 15, 30, 60]

    func write(_ key: String, _ html: inout HTMLWriter) {
        // A valid document id: a meter's name may contain any character.
        let id = "s" + key.utf8.map { String($0, radix: 36) }.joined(separator: "-")
        let low = min(0, points.map(\.watts).min() ?? 0)
        let high = max(0, points.map(\.watts).max() ?? 0)
        let range = max(1, high - low)
        let room = Self.height - 2 * Self.margin
        func tenths(_ value: Int64) -> String { "\(value / 10).\(value % 10)" }
        func y(_ watts: Int64) -> String {
            tenths(Int64(Self.margin * 10) + (high - watts) * Int64(room * 10) / range)
        }
        let span = self.span
        let steps = Int64(span * 60) / PowerTrace.seconds
        func x(_ age: Int) -> String { tenths(Int64(Self.width * 10) - Int64(age * Self.width * 10) / steps) }
        let zero = y(0)
        let runs = self.runs
        let lines = runs.map { run in run.map { "\(x($0.age)) \(y($0.watts))" } }
        let line = lines.map { $0.count == 1 ? "M\($0[0])h.01" : "M" + $0.joined(separator: "L") }.joined()
        let area = zip(runs, lines).filter { $0.0.count > 1 }.map { run, line in
            "M\(x(run[0].age)) \(zero)L" + line.joined(separator: "L") + "L\(x(run[run.count - 1].age)) \(zero)Z"
        }.joined()
        // Where the colour changes.
        let share = "\((Int64(Self.margin * 10) + high * Int64(room * 10) / range) * 100 / Int64(Self.height * 10))%"
        html.element("div", ["class": "spark"]) { html in
            html.element(
                "svg",
                [
                    "viewBox": "0 0 \(Self.width) \(Self.height)", "preserveAspectRatio": "none", "role": "img",
                    "aria-label": texts("card.last-hour"),
                ]
            ) { html in
                html.element("defs") { html in
                    html.element(
                        "linearGradient",
                        [
                            "id": id, "gradientUnits": "userSpaceOnUse", "x1": "0", "x2": "0", "y1": "0",
                            "y2": "\(Self.height)",
                        ]
                    ) { html in
                        html.slot("\(key).g1", "stop", ["class": "import"], "", live: ["offset": share])
                        html.slot("\(key).g2", "stop", ["class": "export"], "", live: ["offset": share])
                    }
                }
                html.slot(
                    "\(key).zero", "rect", ["class": "zero", "x": "0", "width": "\(Self.width)", "height": "0.6"], "",
                    live: ["y": zero])
                html.slot("\(key).area", "path", ["class": "area", "fill": "url(#\(id))"], "", live: ["d": area])
                html.slot("\(key).line", "path", ["class": "line", "stroke": "url(#\(id))"], "", live: ["d": line])
            }
            html.slot(
                "\(key).span", "span", ["class": "span"],
                span == 60 ? texts("card.hour") : texts("card.minutes", "\(span)"))
        }
    }

    /// The minutes shown.
    private var span: Int {
        let oldest = (points.first?.age ?? 0) * Int(PowerTrace.seconds)
        return Self.spans.first { oldest < $0 * 60 } ?? 60
    }

    /// The points in runs without gaps: the line breaks where nothing came for several intervals.
    private var runs: [[PowerPoint]] {
        let longest = max(3, Int((interval ?? .zero) * 3 / TimeSpan.seconds(PowerTrace.seconds)))
        return points.reduce(into: []) { runs, point in
            if let last = runs.last?.last, last.age - point.age <= longest {
                runs[runs.count - 1].append(point)
            } else {
                runs.append([point])
            }
        }
    }
}

extension Timestamp {
    /// `2026-11-20T22:40:02Z`.
    var rfc3339: String {
        var bytes: [UInt8] = []
        RFC3339.append(Timestamp(seconds: seconds), to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Shown {
    /// How far a clock is ahead, in words.
    static func clock(_ ahead: TimeSpan, _ texts: Texts) -> String {
        let size = ahead.magnitude
        let amount =
            size < .minutes(2)
            ? texts("span.seconds", "\(size.seconds)")
            : size < .hours(2) ? texts("span.minutes", "\(size.minutes)") : texts("span.hours", "\(size.hours)")
        return texts(ahead < .zero ? "clock.behind" : "clock.ahead", amount)
    }
}
