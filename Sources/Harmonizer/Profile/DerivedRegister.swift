// SPDX-License-Identifier: Apache-2.0

/// A register computed from others, for a meter that does not send it itself.
public struct DerivedRegister: Sendable, Equatable {
    /// Its code.
    public var obis: OBISCode
    /// How it is computed.
    public var way: Way
    /// Where the profile declares it.
    public var mark: SourceMark

    /// How a register is computed.
    public enum Way: Sendable, Equatable {
        /// A sum with signs.
        case sum(Sum)
        /// The part of another register that is above zero, or the part below zero with its sign reversed.
        case part(of: OBISCode, Sign)
        /// The sum over all tariffs of this energy, as far as the meter has sent them.
        case tariffs
    }

    /// A sum with signs.
    public struct Sum: Sendable, Equatable {
        /// What is added.
        public var add: [OBISCode]
        /// What is subtracted.
        public var subtract: [OBISCode] = []
        /// What is added instead when the meter sends none of the above: the phases of a power.
        public var phases: [OBISCode] = []
        /// The greatest age of the inputs, in intervals of their own; nil: all from the same reading.
        public var maxIntervals: Int?
    }

    /// A sign of a number.
    public enum Sign: Sendable { case positive, negative }

    /// The totals that are made of tariffs: the active energy from the grid and into it.
    static let totals = [OBISCode(1, 0, 1, 8, 0), OBISCode(1, 0, 2, 8, 0)]
}
