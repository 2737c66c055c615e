// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

struct OBISPositionsTests {
    @Test func `finds every code where a dictionary finds it`() {
        var generator = SystemRandomNumberGenerator()
        var positions = OBISPositions()
        var dictionary: [OBISCode: Int] = [:]
        for position in 0..<500 {
            let code = OBISCode(
                .random(in: 0...1, using: &generator), .random(in: 0...4), .random(in: 0...99), .random(in: 7...8),
                .random(in: 0...2))
            positions.set(code, UInt16(position))
            dictionary[code] = position
        }
        for c in 0...99 as ClosedRange<UInt8> {
            for (a, b, d, e) in [(0, 1, 7, 0), (1, 0, 8, 2), (1, 4, 7, 1), (1, 255, 8, 0)]
                as [(UInt8, UInt8, UInt8, UInt8)]
            {
                let code = OBISCode(a, b, c, d, e)
                #expect(positions[code] == dictionary[code])
            }
        }
        for (code, position) in dictionary { #expect(positions[code] == position) }
    }
}
