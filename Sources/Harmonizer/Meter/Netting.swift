// SPDX-License-Identifier: Apache-2.0

/// Whether a meter nets its phases before it reports import and export, learned from what it sends. It decides what one
/// side of the power tells about the other.
///
/// Swiss and German meters net: only one side is ever above zero. A Sagemcom T210-D adds up the phases that import and
/// those that export, so that both sides can be above zero (evcc issue 21604).
struct Netting: Sendable, Equatable {
    /// How a meter nets.
    enum Kind: String {
        /// The phases are netted: one side above zero means that the other is zero.
        case sum
        /// Both sides can be above zero at the same time.
        case phases
        /// Too few messages have shown which.
        case unknown
    }

    /// A side of the power.
    enum Side: String {
        case `import`, export

        var other: Side { self == .import ? .export : .import }

        /// The total active power of this side.
        var obis: OBISCode { OBISCode(1, 0, self == .import ? 1 : 2, 7, 0) }
    }

    /// What a reading tells about the net power.
    enum Evidence: Equatable {
        /// Import minus export.
        case both
        /// This side alone: the other is zero, or the meter has none.
        case alone(Side)
        /// Nothing: the other side may have changed meanwhile.
        case nothing
    }

    /// The power of one side, as a reading brought it and as it was known before.
    struct Power {
        /// The value in this reading; nil for none.
        var new: ExactDecimal?
        /// The value known before; nil for a register that never arrived.
        var known: ExactDecimal?
        /// The value in a message just before, of the same instant.
        var sameInstant: ExactDecimal?
    }

    private(set) var kind = Kind.unknown
    /// Messages with both sides, one of them above zero, counted while nothing more is known.
    private(set) var seen = 0
    /// Readings with an import and other registers, of a meter that never sent an export.
    private(set) var withoutExport = 0
    /// The side that has shown the same value since before the other one arrived alone: readers repeat the last value
    /// they heard.
    private(set) var repeated: Side?

    /// How many messages prove `sum`.
    private static let proof = 20
    /// After how many readings without an export the meter has none.
    private static let absence = 10

    init() {}

    /// Restores what an earlier run had seen.
    init(seen: Int, withoutExport: Int, repeated: Side?) {
        self.seen = min(seen, Self.proof)
        self.withoutExport = min(withoutExport, Self.absence)
        self.repeated = repeated
    }

    /// Restores what an earlier run had learned.
    mutating func restore(_ kind: Kind) { self.kind = kind }

    /// Takes in a reading.
    ///
    /// - Parameters:
    ///   - isWhole: true for a reading with several registers. A message with a single register may be one that a
    ///     reader sends at once, before the others.
    ///   - mayRepeat: true for a reading from a reader that repeats old values.
    mutating func take(
        import imported: Power, export exported: Power, isWhole: Bool, mayRepeat: Bool
    ) -> Evidence {
        switch (imported.new, exported.new) {
        case (let one?, let other?):
            if !mayRepeat { repeated = nil }
            return both(one, other, imported, exported, mayRepeat: mayRepeat)
        case (let one?, nil): return alone(.import, one, other: exported, isWhole: isWhole)
        case (nil, let other?): return alone(.export, other, other: imported, isWhole: isWhole)
        case (nil, nil): return .nothing
        }
    }

    private mutating func both(
        _ one: ExactDecimal, _ other: ExactDecimal, _ imported: Power, _ exported: Power, mayRepeat: Bool
    ) -> Evidence {
        guard one > .zero, other > .zero else {
            repeated = nil
            if kind == .unknown, one > .zero || other > .zero {
                seen += 1
                if seen >= Self.proof { kind = .sum }
            }
            return .both
        }
        guard kind != .phases else { return .both }
        switch repeated {
        case .import: if one != imported.known { repeated = nil }
        case .export: if other != exported.known { repeated = nil }
        case nil where mayRepeat:
            // One side rose from zero while the other did not change: the reader may not have heard the other since.
            if imported.known == one, exported.known?.isZero == true { repeated = .import }
            if exported.known == other, imported.known?.isZero == true { repeated = .export }
        case nil: break
        }
        if let repeated { return kind == .sum ? .alone(repeated.other) : .nothing }
        kind = .phases
        return .both
    }

    private mutating func alone(_ side: Side, _ new: ExactDecimal, other: Power, isWhole: Bool) -> Evidence {
        if repeated == side { repeated = nil }
        guard let known = other.known else {
            guard side == .import else { return .nothing }
            if isWhole { withoutExport = min(withoutExport + 1, Self.absence) }
            return withoutExport >= Self.absence ? .alone(.import) : .nothing
        }
        if let partner = other.sameInstant {
            // Two messages are weaker evidence than one: they count only when they do not contradict each other.
            let isContradiction = new > .zero && partner > .zero && kind != .phases
            if !isContradiction { return .both }
        }
        if new > .zero, known > .zero, kind != .phases { repeated = side.other }
        return kind == .sum && new > .zero ? .alone(side) : .nothing
    }
}
