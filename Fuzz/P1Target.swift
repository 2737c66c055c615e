// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// The telegram parser under each CRC policy, whole and in two pieces; after any input, the next good telegram is read.
struct P1Target: FuzzTarget {
    private let adapters = CRCPolicy.allCases.map { P1Adapter(options: AdapterOptions(crc: $0)) }
    private let good: [UInt8] = Array(
        "/ISK5\\2M550T-1012\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.8.1(002131.115*kWh)\r\n!F062\r\n".utf8)
    private let expected: Verdict

    init() {
        var decoder = P1Adapter().makeDecoder()
        expected = decoder.decode(RawMessage("dsmr/raw", good), context: DecodingContext())
        guard case .telegrams(let telegrams, _, _) = expected, telegrams.count == 1 else {
            preconditionFailure("the good telegram is none: \(expected)")
        }
    }

    mutating func run(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        // The first byte selects policy, cut and check, so that libFuzzer can learn them.
        let payload = bytes.dropFirst()
        var decoder = adapters[Int(first) % adapters.count].makeDecoder()
        let cut = first < 128 ? payload.count : payload.count * Int(first - 128) / 128
        let context = DecodingContext(keepsRaw: first & 4 != 0)
        _ = decoder.decode(RawMessage("dsmr/raw", payload.prefix(cut)), context: context)
        if cut < payload.count { _ = decoder.decode(RawMessage("dsmr/raw", payload.dropFirst(cut)), context: context) }
        _ = decoder.abandon()
        precondition(decoder.openSince == nil)
        guard
            case .telegrams(let telegrams, _, _) = decoder.decode(RawMessage("dsmr/raw", good), context: DecodingContext()),
            case .telegrams(let wanted, _, _) = expected
        else { preconditionFailure("the next good telegram was not read") }
        precondition(telegrams == wanted)
    }
}
