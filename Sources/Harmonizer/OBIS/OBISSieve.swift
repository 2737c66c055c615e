// SPDX-License-Identifier: Apache-2.0

/// Tells at once for nearly every new code that it was not there before, so that only the others are searched for.
package struct OBISSieve: Sendable {
    private var bits = SIMD4<UInt64>(repeating: 0)

    package init() {}

    /// False for a code that is certainly not there.
    @inline(__always) package func contains(_ obis: OBISCode) -> Bool {
        var copy = self
        return copy.insert(obis)
    }

    /// Takes a code in.
    ///
    /// - Returns: false when it was certainly not there before; true when it, or another one with the same mark, may have been.
    @inline(__always) package mutating func insert(_ obis: OBISCode) -> Bool {
        let mark = Int((obis.packed &* 0x9e37_79b9_7f4a_7c15) >> 56)
        let bit: UInt64 = 1 << UInt64(mark & 63)
        let wasThere = bits[mark >> 6] & bit != 0
        bits[mark >> 6] |= bit
        return wasThere
    }
}
