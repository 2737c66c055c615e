// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Publishers of the telegram as it is, in some wrapper: nothing is lost.
extension Publisher {
    static let telegrams: [Publisher] = [
        Publisher(
            "DSMR-reader, dsmr/raw", adapter: "p1", filters: ["dsmr/raw"],
            [("dsmr/raw", PublishedTelegram.text)]),
        Publisher(
            "Flukso P1 dongle", adapter: "p1", filters: ["/p1/+/telegram"],
            [("/p1/0123456789abcdef/telegram", PublishedTelegram.text)]),
        Publisher(
            "HomeWizard, /api/v1/telegram", adapter: "p1", filters: ["http/homewizard"],
            [("http/homewizard", PublishedTelegram.text)]),
        Publisher(
            "ESPHome, telegram sensor", adapter: "p1", filters: ["+/text_sensor/telegram/state"],
            [("p1-reader/text_sensor/telegram/state", PublishedTelegram.text)]),
        Publisher(
            "amsreader, hexadecimal", adapter: "p1", filters: ["ams/data"],
            [("ams/data", PublishedTelegram.bytes.map(hexadecimal).joined())]),
        Publisher(
            "Tasmota serial bridge, a line a message", adapter: "p1", filters: ["tele/p1/RESULT"],
            PublishedTelegram.allLines.map { ("tele/p1/RESULT", serialReceived($0 + #"\r"#)) }),
        Publisher(
            "Tasmota serial bridge, lines without their ends", adapter: "p1", filters: ["tele/p1/RESULT"],
            PublishedTelegram.allLines.map { ("tele/p1/RESULT", serialReceived($0)) }),
        Publisher(
            "Tasmota serial bridge, three chunks", adapter: "p1", filters: ["tele/p1/RESULT"],
            chunks(300).map {
                ("tele/p1/RESULT", serialReceived($0.replacing("\r", with: #"\r"#).replacing("\n", with: #"\n"#)))
            }
        ),
        Publisher(
            "Avans SmartMeter_DIY", adapter: "avans", filters: ["smartmeter/raw"],
            [
                (
                    "smartmeter/raw",
                    #"{"datagram":{"p1":"\#(escaped(PublishedTelegram.text))","signature":"2019-ETI-EMON-V01-0A1B2C"}}"#
                )
            ]),
    ]

    /// The text of a JSON string, as a program with a JSON library writes it.
    static func escaped(_ text: String) -> String {
        text.replacing(#"\"#, with: #"\\"#).replacing("\r\n", with: #"\r\n"#)
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    /// Tasmota before 8.4 did not escape the backslash of the head.
    private static func serialReceived(_ text: String) -> String { #"{"SerialReceived":"\#(text)"}"# }

    private static func chunks(_ size: Int) -> [String] {
        stride(from: 0, to: PublishedTelegram.bytes.count, by: size).map {
            String(decoding: PublishedTelegram.bytes[$0..<min($0 + size, PublishedTelegram.bytes.count)], as: UTF8.self)
        }
    }
}
