// SPDX-License-Identifier: Apache-2.0

/// A random generator with a seed, so that a failing run can be repeated.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The sequence for `state`.
    public init(state: UInt64) { self.state = state }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A whole number in `range`. The standard library may change its mapping of bits to numbers one day.
    public mutating func number<Number: FixedWidthInteger>(_ range: ClosedRange<Number>) -> Number {
        range.lowerBound + Number(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// A random element.
    public mutating func element<Element>(of elements: [Element]) -> Element {
        elements[number(0...elements.count - 1)]
    }
}
