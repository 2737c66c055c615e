// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// `plugtest:` of a configuration: the title of a test, the expected registers, and what was done while it ran.
package struct PlugTestSettings: Sendable, Equatable {
    package var title = "Plug-test"
    package var expected = ExpectedRegister.core
    package var display: [DisplayReading] = []
    package var steps: [PlugTestStep] = []

    package init(
        title: String = "Plug-test", expected: [ExpectedRegister] = ExpectedRegister.core,
        display: [DisplayReading] = [], steps: [PlugTestStep] = []
    ) {
        self.title = title
        self.expected = expected
        self.display = display
        self.steps = steps
    }
}

/// A register expected from every row.
package struct ExpectedRegister: Sendable, Equatable {
    package var obis: OBISCode
    /// The interval of the register's list.
    package var every: TimeSpan

    package init(_ obis: OBISCode, every: TimeSpan? = nil) {
        self.obis = obis
        self.every = every ?? (obis.a == 1 ? Self.electricity : Self.bus)
    }

    /// Tasmota's TelePeriod, the slowest of the usual lists of a meter's own registers.
    private static let electricity = TimeSpan.minutes(5)
    /// Registers of devices on the meter's M-Bus are pushed every 15 minutes.
    private static let bus = TimeSpan.minutes(15)

    /// The longest interval of any list: a source that sends nothing for twice as long is silent.
    static let slowest = bus

    /// The twelve registers of the configuration that Swiss meters have from 2026 on.
    static let core = [
        (1, 8), (2, 8), (3, 8), (4, 8), (1, 7), (2, 7), (32, 7), (52, 7), (72, 7), (31, 7), (51, 7), (71, 7),
    ].map { ExpectedRegister(OBISCode(1, 0, $0, $1, 0)) }
}

/// A reading of a meter's display, typed in by a person.
package struct DisplayReading: Sendable, Equatable {
    package var source: String
    package var obis: OBISCode
    /// The value with the digits of the display.
    package var value: ExactDecimal
    /// Digits after the decimal point, with trailing zeros.
    package var decimals: Int
    package var unit: Unit?
    /// Nil for any moment of the run.
    package var at: Moment?
}

/// Something done to the readers on purpose, such as a restart of the broker.
package struct PlugTestStep: Sendable, Equatable {
    package var name: String
    package var at: Moment
    /// The time within which every row has to recover.
    package var within: TimeSpan
}

/// A moment of a recording.
package enum Moment: Sendable, Equatable {
    /// A time after the first message.
    case after(TimeSpan)
    case instant(Timestamp)

    package init?(_ text: String) {
        if let span = TimeSpan(text) {
            self = .after(span)
        } else if let instant = RFC3339.instant(text) {
            self = .instant(instant)
        } else {
            return nil
        }
    }

    /// The time from `start` to the moment.
    package func offset(from start: Timestamp) -> TimeSpan {
        switch self {
        case .after(let span): span
        case .instant(let instant): instant - start
        }
    }
}
