// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// Encrypted frames: only a frame made with the keys is ever read, and no frame leaves something open.
struct CipherTarget: FuzzTarget {
    private let adapter: P1Adapter?

    init() {
        let keys = try? MeterKeys(decryption: "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF")
        adapter = keys.map { P1Adapter(options: AdapterOptions(keys: $0)) }
    }

    mutating func run(_ bytes: [UInt8]) {
        guard var decoder = adapter?.makeDecoder(), let first = bytes.first else { return }
        let frame = [0xDB, 8] + bytes.dropFirst()
        let cut = frame.count * Int(first) / 256
        _ = decoder.decode(RawMessage("dsmr/raw", frame.prefix(cut)), context: DecodingContext())
        _ = decoder.decode(RawMessage("dsmr/raw", frame.dropFirst(cut)), context: DecodingContext())
        _ = decoder.abandon()
        precondition(decoder.openSince == nil)
    }
}
