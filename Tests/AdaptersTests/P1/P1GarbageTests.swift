// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import TestSupport
import Testing

@testable import Adapters

/// What has no CRC is read only where it looks like a telegram of a dialect that has none.
@Suite struct P1GarbageTests {
    private func verdict(_ text: String) -> Verdict {
        var decoder = P1Decoder(policy: .repair)
        let verdict = decoder.decode(Array(text.utf8))
        return verdict == .fragment ? decoder.abandon() ?? verdict : verdict
    }

    @Test(arguments: [
        "/\r\n!\r\n", "/4#\r\n1-0:1.8.0(1*kWh)\r\n!\r\n", "/ISK5\r\n\r\n!\r\n", "/ISK5\r\n1-0:1.8.1(00\r\n(\r\n!\r\n",
        "/ISK5\r\n1-0:1.8.1(002131.1\r\n1-0:1.8.2 kWh)\r\n1-0:1.7.0(00.5*kW)\r\n0-0:96\r\n!\r\n", "//\r\n/\r\n!!\r\n!",
    ])
    func `garbage is no reading`(text: String) {
        #expect(verdict(text).telegrams == [])
        #expect(verdict(text).reason != nil)
    }

    @Test(arguments: [
        "/ISk5\\2MT382-1000\r\n\r\n0-0:96.1.1(00)\r\n1-0:1.8.1(00001.001*kWh)\r\n!\r\n",
        "/Test\\V2_2-Telegram\r\n\r\n1-0:1.8.1(00001.001*kWh)\r\n!\r\n", "/ISK9\r\n1-0:1.8.0(00001.001*kWh)\r\n!\r\n",
        // One line was damaged, the others are good.
        "/KMP5 KA6U001660297912\r\n\r\n1-0:1.8.1(00001.001*kWh)\r\n1-0:1.8.2(0000\r\n1-0:1.7.0(0000.01*kW)\r\n!\r\n",
    ])
    func `a telegram of a dialect without CRC is read`(text: String) { #expect(verdict(text).telegrams.count == 1) }

    @Test func `random bytes between head and tail are no reading`() {
        var random = SplitMix64(state: 3)
        let letters = Array("0123456789-:.()*kWhm3 ABCdef\\".utf8)
        for _ in 0..<2000 {
            let lines = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                String(
                    decoding: (0..<Int.random(in: 0...30, using: &random)).map { _ in
                        letters.randomElement(using: &random) ?? 0
                    }, as: UTF8.self)
            }
            #expect(verdict("/ISK5\r\n" + lines.joined(separator: "\r\n") + "\r\n!\r\n").telegrams == [])
        }
    }
}
