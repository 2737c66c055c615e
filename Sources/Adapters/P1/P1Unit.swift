// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The units of P1 telegrams, found without creating a string.
enum P1Unit {
    /// The unit with this spelling in any case (`kVAr`, `KWH`). An unknown one is returned as received when a `*`
    /// marked it as a unit; without the mark it is not a unit, and the group is not a number (`0C3D`).
    static func unit(_ bytes: UnsafeBufferPointer<UInt8>, isMarked: Bool) -> Unit? {
        let key = key(bytes)
        if key != 0 {
            let table = table
            for entry in table where entry.key == key { return entry.unit }
        }
        for byte in bytes where byte < 0x21 || byte == 0x7F || byte == 0xFF { return nil }
        guard bytes.count <= 12, let first = bytes.first, first < UInt8(ascii: "0") || first > UInt8(ascii: "9")
        else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return Unit(text) ?? (isMarked ? .asReceived(text) : nil)
    }

    /// The spelling's lower-case bytes in one integer; 0 when it has more than eight.
    private static func key(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard bytes.count <= 8 else { return 0 }
        var key: UInt64 = 0
        for byte in bytes { key = key << 8 | UInt64(byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte) }
        return key
    }

    private static let table: [(key: UInt64, unit: Unit)] = [
        "kWh", "kW", "V", "A", "m3", "s", "kvar", "kvarh", "W", "Wh", "var", "varh", "GJ", "kVA", "VA", "mA", "Hz",
        "MJ",
        "kV", "kA", "kHz", "MWh", "dm3",
    ].compactMap { spelling in
        Unit(spelling).map { unit in (Array(spelling.utf8).withUnsafeBufferPointer(key), unit) }
    }
}
