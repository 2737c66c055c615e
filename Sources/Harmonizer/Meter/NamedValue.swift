// SPDX-License-Identifier: Apache-2.0

/// A value that has a name and no OBIS code, because no meter sends it: in `values` of `state`, in templates, and in
/// Home Assistant.
enum NamedValue: Sendable {
    /// The current of a phase with the sign of its power.
    case netCurrent(NetCurrent)
    /// The demand of the running quarter hour at its end, if the power stays.
    case expectedDemand
    /// The mean of the last twelve monthly peaks.
    case yearlyDemand

    /// All named values, in the order in which they are published.
    static let all: [NamedValue] = NetCurrent.phases.map { .netCurrent($0) } + demand
    /// Those of a meter whose demand is computed.
    static let demand: [NamedValue] = [.expectedDemand, .yearlyDemand]

    var alias: String {
        switch self {
        case .netCurrent(let current): current.alias
        case .expectedDemand: "demand_import_expected"
        case .yearlyDemand: "demand_import_year"
        }
    }

    /// The register that brings a new value, and whose unit the value has.
    var register: OBISCode {
        switch self {
        case .netCurrent(let current): current.current
        case .expectedDemand: Demand.Registers.running
        case .yearlyDemand: Demand.Registers.peak
        }
    }

    /// The value; nil when an input is missing or old.
    func value(in meter: MeterState) -> ExactDecimal? {
        switch self {
        case .netCurrent(let current): current.value(in: meter)
        case .expectedDemand: meter.settings.demandFloor == nil ? nil : meter.expectedDemand
        case .yearlyDemand: meter.settings.demandFloor.flatMap { meter.yearlyDemand(floor: $0) }
        }
    }
}

extension Demand {
    /// The registers of the quarter-hour demand.
    enum Registers {
        /// The energy from the grid, from which the demand is computed.
        static let energy = OBISCode(1, 0, 1, 8, 0)
        /// The running quarter.
        static let running = OBISCode(1, 0, 1, 4, 0)
        /// The previous quarter.
        static let last = OBISCode(1, 0, 1, 5, 0)
        /// The highest of the month, with the end of its quarter.
        static let peak = OBISCode(1, 0, 1, 6, 0)
        /// Those that are computed for a meter that does not send them.
        static let computed = [running, last, peak]
        /// The peaks of the months before, as Belgian meters send them.
        static let history = OBISCode(0, 0, 98, 1, 0)
        /// The power now.
        static let power = OBISCode(1, 0, 1, 7, 0)
    }
}

extension MeterState {
    /// The running quarter's energy, plus the power of the same instant over the rest of the quarter, in the unit of
    /// 1-0:1.4.0.
    fileprivate var expectedDemand: ExactDecimal? {
        guard let running = register(Demand.Registers.running), let power = register(Demand.Registers.power),
            running.isTogether(with: power), let energy = running.value.number(in: Self.watt),
            let now = power.value.number(in: Self.watt), let unit = running.value.unit
        else { return nil }
        let begin = Demand.begin(of: Demand.quarter(of: running.time))
        let rest = Demand.length - (running.time - begin)
        guard let share = now.rounded(toDecimals: 0).whole?.multipliedReportingOverflow(by: rest.milliseconds),
            !share.overflow,
            let more = ExactDecimal(share.partialValue).divided(by: Demand.length.milliseconds)
        else { return nil }
        return energy.rounded(toDecimals: 0).adding(more).flatMap { Self.converted($0, to: unit) }
    }

    /// The mean of the last twelve monthly peaks, as far as they are known: each as the meter sends it, else as it was
    /// computed; in the unit of 1-0:1.6.0.
    fileprivate func yearlyDemand(floor: ExactDecimal) -> ExactDecimal? {
        let running = register(Demand.Registers.peak)
        let sent = running.flatMap { $0.isSentByMeter ? $0.value.number(in: Self.watt) : nil }
        let before = sentHistory ?? demand?.earlier.compactMap(\.peak?.power) ?? []
        let now = sent ?? demand?.month.peak?.power
        guard let unit = running?.value.unit ?? Self.watt else { return nil }
        return Demand.mean(of: before + [now].compactMap(\.self), floor: floor)
            .flatMap { Self.converted($0, to: unit) }
    }

    /// The peaks of the previous months, at most eleven, in W; nil for a meter that does not send them.
    private var sentHistory: [ExactDecimal]? {
        guard let history = register(Demand.Registers.history), history.isSentByMeter,
            case .list(let entries) = history.value.value, let watt = Self.watt,
            let power = history.value.unit?.powerOfTen(to: watt)
        else { return nil }
        // An entry for a month without a peak has no time.
        let known = entries.compactMap { entry in entry.time.map { (time: $0, value: entry.value) } }
        // Two entries of one month are import and export, as an E660 lists them. Meters that send peaks are one or two
        // hours from UTC.
        let isOnePerMonth = zip(known, known.dropFirst()).allSatisfy { one, next in
            [3600, 7200].contains { Self.month(of: one.time, offset: $0) != Self.month(of: next.time, offset: $0) }
        }
        guard isOnePerMonth else { return nil }
        return known.suffix(11).map { $0.value.scaled(byPowerOfTen: power) }
    }

    /// The month of a quarter hour that ends at this time.
    private static func month(of end: Timestamp, offset: Int) -> Int {
        WallTime(Timestamp(seconds: end.seconds - 1), offset: offset).month
    }

    private static func converted(_ watts: ExactDecimal, to unit: Unit) -> ExactDecimal? {
        watt?.powerOfTen(to: unit).map(watts.scaled(byPowerOfTen:))
    }

    private static let watt = Unit("W")
}

extension MeterState {
    /// The name of the tariff in force; nil when unknown.
    var tariffName: String? {
        guard let tariffNames = settings.tariffNames, let tariff = register(TariffNames.register), !tariff.isStale
        else { return nil }
        return tariffNames.name(of: tariff.value.value)
    }
}
