// SPDX-License-Identifier: Apache-2.0
import Harmonizer

@testable import Adapters

/// Telegrams made for a test: a header and lines, with a CRC of their own.
enum P1Sample {
    static let lines = [
        "1-3:0.2.8(50)", "0-0:1.0.0(240426223325S)", "0-0:96.1.1(4530303939303030313233343536373839)",
        "1-0:1.8.1(002131.115*kWh)", "1-0:1.7.0(00.112*kW)", "1-0:32.7.0(229.9*V)", "0-1:24.1.0(003)",
        "0-1:96.1.0(4730303838303030393837363534333231)", "0-1:24.2.1(240426223001S)(00246.138*m3)",
    ]

    static func telegram(_ lines: [String] = lines, header: String = #"/ISK5\2M550T-1012"#) -> [UInt8] {
        var bytes = Array(([header, ""] + lines + ["!"]).joined(separator: "\r\n").utf8)
        let crc = bytes.withUnsafeBufferPointer(CRC16.checksum)
        bytes += Array((CRC16.text(crc) + "\r\n").utf8)
        return bytes
    }

    static func message(_ bytes: [UInt8], at seconds: Int64 = 0) -> RawMessage {
        RawMessage(topic: "dsmr/raw", payload: bytes, received: Timestamp(seconds: seconds))
    }
}

extension P1Decoder {
    /// Decodes bytes that came in one message.
    mutating func decode(_ bytes: [UInt8], at seconds: Int64 = 0) -> Verdict {
        decode(P1Sample.message(bytes, at: seconds), context: DecodingContext())
    }
}

extension Verdict {
    /// The telegrams that were read.
    var telegrams: [Telegram] {
        if case .telegrams(let telegrams, _, _) = self { return telegrams }
        return []
    }

    /// Why nothing was read.
    var reason: Rejection.Reason? {
        if case .rejected(let rejection) = self { return rejection.reason }
        return nil
    }
}
