// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer
import Testing

/// A reader that is set to pass on something else: the kind of a source is decided once, but not for ever.
@Suite struct FramesChangeTests {
    /// `{1-0:1.7.0, 4117 W}` of a list without codes, in an HDLC frame.
    private let frame: [UInt8] = [
        0x7E, 0xA0, 0x27, 0x01, 0x02, 0x01, 0x10, 0x5A, 0x87, 0xE6, 0xE7, 0x00, 0x0F, 0x40, 0, 0, 0, 0x09, 0x0C, 0x07,
        0xE6, 0x01, 0x02, 0x07, 0x0E, 0x25, 0x12, 0xFF, 0x80, 0, 0, 0x02, 0x01, 0x06, 0, 0, 0x10, 0x15, 0xF5, 0xFF,
        0x7E,
    ]

    /// `/AbQ` begins no telegram here, though it looks like one.
    private static let others: [[UInt8]] = [[], Array("/AbQ3\r\n0\u{1}".utf8)]

    @Test(arguments: others) func `a source of something else that sends frames from now on is read again`(
        other: [UInt8]
    ) throws {
        let adapter = try #require(AdapterRegistry.make("frames"))
        var decoder = adapter.makeDecoder()
        var now = Timestamp(seconds: 1_795_217_228)
        func isRead(_ payload: [UInt8]) -> Bool {
            now += .seconds(11)
            let message = RawMessage(topic: "meter/raw", payload: payload, received: now)
            if case .telegrams = decoder.decode(message, context: DecodingContext()) { return true }
            return false
        }
        #expect(isRead(other.isEmpty ? Array(frame[12..<38]) : other) == other.isEmpty)
        let attempts = (1...40).first { _ in isRead(frame) }
        #expect(attempts != nil, "never")
        #expect(isRead(frame))
    }
}
