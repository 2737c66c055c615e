// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// `plugtest:` of a configuration: what a test is called, what it asks for, and what was done while it ran.
package struct PlugTestSettings: Sendable, Equatable {
    package var title = "Plug-test"
    package var expected = ExpectedRegister.core
    package var display: [DisplayReading] = []
    package var steps: [PlugTestStep] = []

    /// Makes it of its parts.
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

/// A register that every row is asked for.
package struct ExpectedRegister: Sendable, Equatable {
    package var obis: OBISCode
    /// The interval of the list it comes in.
    package var every: TimeSpan

    package init(_ obis: OBISCode, every: TimeSpan? = nil) {
        self.obis = obis
        self.every = every ?? (obis.a == 1 ? Self.electricity : Self.bus)
    }

    /// Tasmota's TelePeriod, the slowest of the usual lists of a meter's own registers.
    private static let electricity = TimeSpan.minutes(5)
    /// What comes over the meter's M-Bus is pushed every 15 minutes.
    private static let bus = TimeSpan.minutes(15)

    /// What every list may need at most: a source of which nothing is heard for twice as long is silent.
    static let slowest = bus

    /// The twelve registers of the configuration that Swiss meters have from 2026 on.
    static let core = [
        (1, 8), (2, 8), (3, 8), (4, 8), (1, 7), (2, 7), (32, 7), (52, 7), (72, 7), (31, 7), (51, 7), (71, 7),
    ].map { ExpectedRegister(OBISCode(1, 0, $0, $1, 0)) }
}

/// What somebody read off a meter's display.
package struct DisplayReading: Sendable, Equatable {
    package var source: String
    package var obis: OBISCode
    /// With the digits that the display has.
    package var value: ExactDecimal
    /// Digits behind the point, zeros included.
    package var decimals: Int
    package var unit: Unit?
    /// Nil for any moment of the run.
    package var at: Moment?
}

/// Something that was done to the readers on purpose.
package struct PlugTestStep: Sendable, Equatable {
    package var name: String
    package var at: Moment
    /// The time within which every row has to be back.
    package var within: TimeSpan
}

/// A moment of a recording.
package enum Moment: Sendable, Equatable {
    /// So long after its first message.
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

    /// The time from `start` to it.
    package func offset(from start: Timestamp) -> TimeSpan {
        switch self {
        case .after(let span): span
        case .instant(let instant): instant - start
        }
    }
}
