// SPDX-License-Identifier: Apache-2.0
import Adapters
public import Harmonizer

/// The input of the benchmarks: shapes of real messages with made-up numbers.
public enum Loads {
    /// A gPlug's periodic message of 414 bytes.
    public static func gPlug(meter: Int = 0, watts: Int = 412) -> [UInt8] {
        let id = "9\(String(1_000_000 + meter).suffix(7))".utf8.map { "3\($0 - 48)" }.joined()
        let kilowatts = "\(watts / 1000).\(String(1000 + watts % 1000).dropFirst())"
        return Array(
            (#"{"Time":"2026-11-20T22:40:02","z":{"SMid":"\#(id)","Pi":\#(kilowatts),"Po":0.000,"P1i":\#(watts),"P2i":0,"#
                + #""P3i":0,"P1o":0,"P2o":0,"P3o":0,"V1":229.1,"V2":230.4,"V3":231.0,"I1":1.79,"I2":0,"I3":0,"Ei":42978.400,"#
                + #""Eo":14421.118,"Ei1":18752.361,"Ei2":24226.039,"Eo1":9301.114,"Eo2":5120.004},"#
                + #""ESP32":{"Temperature":41.2},"TempUnit":"C","SPS30":{"PM1_0":1.23,"PM2_5":2.51,"PM4_0":3.02,"#
                + #""PM10":3.31,"NCPM0_5":8.1,"NCPM1_0":9.7}}"#).utf8)
    }

    /// An SML file of 460 bytes: sixteen entries, twelve of them numbers with a unit.
    public static let sml = bytes(
        "1B1B1B1B0101010176050000000162006200726301017601010300010B0A014D555000000000430101636CEF007605000000"
            + "02620062007263070177010B0A014D55500000000043070100620000FF726201650001E2407F77078181C78203FF01010101"
            + "044D55500177070100000009FF010101010B0A014D555000000000430177070100010800FF6400018201621E52FF69000000"
            + "00075BCD150177070100010801FF0101621E52FF69000000000012D6870177070100010802FF0101621E52FF690000000000"
            + "12D6870177070100020800FF0101621E52FF69000000000012D6870177070100020801FF0101621E52FF69000000000012D6"
            + "870177070100020802FF0101621E52FF69000000000012D6870177070100100700FF0101621B52FF55000008FD0177070100"
            + "240700FF0101621B52FF55000008FD0177070100380700FF0101621B52FF55000008FD01770701004C0700FF0101621B52FF"
            + "55000008FD0177070100200700FF0101622352FF55000008FD0177070100340700FF0101622352FF55000008FD0177078181"
            + "C78205FF010101010E000102030405060708090A0B0C010101633CB9007605000000036200620072630201710163E6A80000"
            + "00001B1B1B1B1A034E26")

    /// A push list of 250 bytes in an HDLC frame: nine numbers with codes, scalers and units.
    public static let hdlc = bytes(
        "7EA0F84188831357F6E6E7000F4000000000010C020209060101000281FF0A0B4149444F4E5F563030303102020906000060"
            + "0100FF0A0137020209060000600107FF0A0436353235020309060100010700FF06000004D202020F00161B02030906010002"
            + "0700FF060000000002020F00161B020309060100030700FF12000002020F00161D020309060100040700FF12003702020F00"
            + "161D0203090601001F0700FF10003602020FFF1621020309060100470700FF10003602020FFF1621020309060100200700FF"
            + "1208FD02020FFF1623020309060100340700FF1208FD02020FFF1623020309060100480700FF1208FD02020FFF162363DE7E")

    private static func bytes(_ digits: String) -> [UInt8] {
        let halves = digits.utf8.compactMap(\.hexadecimalDigit)
        return stride(from: 0, to: halves.count - 1, by: 2).map { halves[$0] << 4 | halves[$0 + 1] }
    }

    /// A DSMR 5 telegram of about 890 bytes with its CRC.
    public static let telegram: [UInt8] = {
        let lines = [
            "/ISK5\\2M550T-1012", "", "1-3:0.2.8(50)", "0-0:1.0.0(261120234002W)",
            "0-0:96.1.1(4530303434303037313331363530363139)", "1-0:1.8.1(002074.842*kWh)", "1-0:1.8.2(000881.383*kWh)",
            "1-0:2.8.1(000010.981*kWh)", "1-0:2.8.2(000028.031*kWh)", "0-0:96.14.0(0001)", "1-0:1.7.0(00.494*kW)",
            "1-0:2.7.0(00.000*kW)", "0-0:96.7.21(00010)", "0-0:96.7.9(00004)",
            "1-0:99.97.0(3)(0-0:96.7.19)(260326113014W)(0000001303*s)(260620134500S)(0000000299*s)(261011071503S)(0000000244*s)",
            "1-0:32.32.0(00002)", "1-0:52.32.0(00001)", "1-0:72.32.0(00003)", "1-0:32.36.0(00000)",
            "1-0:52.36.0(00000)", "1-0:72.36.0(00000)", "0-0:96.13.0()", "1-0:32.7.0(230.0*V)", "1-0:52.7.0(230.0*V)",
            "1-0:72.7.0(229.0*V)", "1-0:31.7.0(000*A)", "1-0:51.7.0(000*A)", "1-0:71.7.0(001*A)",
            "1-0:21.7.0(00.150*kW)",
            "1-0:41.7.0(00.130*kW)", "1-0:61.7.0(00.214*kW)", "1-0:22.7.0(00.000*kW)", "1-0:42.7.0(00.000*kW)",
            "1-0:62.7.0(00.000*kW)", "0-1:24.1.0(003)", "0-1:96.1.0(4730303339303031363532303530323138)",
            "0-1:24.2.1(261120233500W)(00970.026*m3)", "!",
        ]
        let body = Array(lines.joined(separator: "\r\n").utf8)
        var crc: UInt16 = 0
        for byte in body {
            crc ^= UInt16(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
        }
        let text = String(crc, radix: 16, uppercase: true)
        return body + Array((String(repeating: "0", count: 4 - text.count) + text + "\r\n").utf8)
    }()

    /// The clock of all messages.
    public static let now = Timestamp(seconds: 1_795_214_402)
}

/// The bridge's parts, configured for benchmarks.
public enum Parts {
    /// A decoder of a shipped adapter.
    public static func decoder(_ adapter: String, labels: String? = nil) -> any TelegramDecoder {
        let dictionary = labels.flatMap { LabelDictionary.shipped(named: $0) }
        guard let adapter = AdapterRegistry.make(adapter, options: AdapterOptions(labels: dictionary)) else {
            fatalError("no adapter \(adapter)")
        }
        return adapter.makeDecoder()
    }

    /// A pipeline with one source; `onlyReadings` switches every other topic off.
    public static func pipeline(onlyReadings: Bool, adapter name: String = "gplug", labels: String? = "gplug-d")
        -> Pipeline
    {
        let dictionary = labels.flatMap { LabelDictionary.shipped(named: $0) }
        guard let adapter = AdapterRegistry.make(name, options: AdapterOptions(labels: dictionary)),
            var profile = try? Profile()
        else { fatalError("no \(name)") }
        if onlyReadings {
            profile.topics.state.isEnabled = false
            profile.topics.obis.isEnabled = false
            profile.topics.info.isEnabled = false
            profile.topics.availability.isEnabled = false
        }
        let filters = ["tele/+/SENSOR", "dsmr/raw"].compactMap { TopicPattern($0) }
        // The gPlug's clock is set to UTC, a Dutch meter's to local time.
        let zone = name == "p1" ? Zone("Europe/Amsterdam") ?? .utc : .utc
        let source = Source(name: "load", adapter: adapter, filters: filters, zone: zone)
        var limits = Limits()
        limits.meters = 1_000_000
        limits.devices = 1_000_000
        return Pipeline(
            Pipeline.Settings(bridge: "benchmark", profile: profile, sources: [source], limits: limits))
    }
}
