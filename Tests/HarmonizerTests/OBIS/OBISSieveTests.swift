// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import Harmonizer

@Suite struct OBISSieveTests {
    @Test func `a code that was there is never taken for a new one, and most new ones are told`() {
        var random = SplitMix64(state: 11)
        var new = 0
        for _ in 0..<500 {
            var sieve = OBISSieve()
            var known: Set<OBISCode> = []
            for _ in 0..<30 {
                let code = OBISCode(1, 0, random.number(0...80), random.element(of: [7, 8]), random.number(0...4))
                let mayBeKnown = sieve.insert(code)
                if known.contains(code) { #expect(mayBeKnown) } else if !mayBeKnown { new += 1 }
                known.insert(code)
            }
        }
        #expect(new > 12_000)
    }
}
