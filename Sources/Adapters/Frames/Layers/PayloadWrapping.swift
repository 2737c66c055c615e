// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The form in which a reader sends the bytes of frames.
enum PayloadWrapping: Sendable, Equatable {
    case bytes, hexadecimal, base64
    /// `{"SerialReceived":"7EA0…"}` of Tasmota's serial bridge.
    case json
}

/// Extracts the bytes from payloads. The wrapping is recognised from the payloads themselves, and decided with the
/// first whole frame; until then everything received is tried again.
struct PayloadUnwrapper: Sendable {
    /// The content of a payload.
    enum Content: Sendable, Equatable {
        /// Bytes that continue those before them.
        case more([UInt8])
        /// All bytes received while the wrapping is undecided.
        case all([UInt8])
        /// The text is incomplete.
        case open
        /// Something other than meter data.
        case foreign
    }

    /// nil until decided.
    private(set) var wrapping: PayloadWrapping?
    /// All payloads received while the wrapping is undecided.
    private var undecided: [UInt8] = []
    /// The unused end of a text: half a byte, part of a group, the beginning of an object.
    private var rest: [UInt8] = []
    /// Larger than a message in its longest wrapping.
    static let limit = 65_536

    /// True while incomplete data waits.
    var isOpen: Bool { !undecided.isEmpty || !rest.isEmpty }

    /// Takes a payload and extracts its bytes.
    mutating func unwrap(_ payload: [UInt8]) -> Content {
        guard let wrapping else {
            if undecided.isEmpty, isForeignObject(payload) { return .foreign }
            if undecided.count + payload.count > Self.limit { undecided = [] }
            undecided += payload
            rest = []
            switch decoded(undecided, Self.guess(undecided)) {
            case .more(let bytes): return .all(bytes)
            case let content: return content
            }
        }
        if wrapping == .json, rest.isEmpty, isForeignObject(payload) { return .foreign }
        return decoded(payload, wrapping)
    }

    /// Decides the wrapping, after a whole frame was found.
    mutating func decide() {
        wrapping = wrapping ?? Self.guess(undecided)
        undecided = []
    }

    /// Forgets incomplete data and, when `isUndecided`, the wrapping too.
    mutating func reset(isUndecided: Bool) {
        undecided = []
        rest = []
        if isUndecided { wrapping = nil }
    }

    private mutating func decoded(_ payload: [UInt8], _ wrapping: PayloadWrapping) -> Content {
        switch wrapping {
        case .bytes: return .more(payload)
        case .hexadecimal:
            let all = rest + payload
            guard let (bytes, rest) = HexadecimalText.bytes(all) else {
                self.rest = []
                return .more(payload)
            }
            self.rest = rest
            return .more(bytes)
        case .base64:
            let all = rest + payload
            guard let (bytes, rest) = Self.base64(all) else {
                self.rest = []
                return .more(payload)
            }
            self.rest = rest
            return .more(bytes)
        case .json:
            // One object per message; while undecided there may be several, the last one incomplete.
            var bytes: [UInt8] = []
            var all = (rest + payload)[...]
            var isForeign = true
            rest = []
            while let end = Self.endOfObject(all) {
                let object = Array(all[..<end])
                all = all[end...]
                guard let text = Self.serialText(object) else { continue }
                isForeign = false
                bytes += HexadecimalText.bytes(text)?.bytes ?? text
            }
            if all.contains(where: { $0 > 0x20 }), all.count <= Self.limit {
                rest = Array(all)
                if isForeign { return .open }
            }
            return isForeign ? .foreign : .more(bytes)
        }
    }

    /// The wrapping that a payload's characters suggest: the bytes of a frame are never all digits.
    private static func guess(_ payload: [UInt8]) -> PayloadWrapping {
        guard let first = payload.first(where: { $0 > 0x20 }) else { return .bytes }
        if first == UInt8(ascii: "{") { return .json }
        var isHexadecimal = true
        for byte in payload where byte != 0x20 && byte != 0x0A && byte != 0x0D {
            if byte.hexadecimalDigit != nil { continue }
            isHexadecimal = false
            guard sextet(byte) != nil || byte == UInt8(ascii: "=") else { return .bytes }
        }
        if isHexadecimal { return .hexadecimal }
        // A P1 telegram begins with a slash and a manufacturer code.
        return first == UInt8(ascii: "/") ? .bytes : .base64
    }

    private static func base64(_ text: [UInt8]) -> (bytes: [UInt8], rest: [UInt8])? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var group: [UInt8] = []
        var isEnded = false
        for byte in text where byte > 0x20 {
            if byte == UInt8(ascii: "=") {
                isEnded = true
                continue
            }
            guard sextet(byte) != nil, !isEnded else { return nil }
            group.append(byte)
            if group.count == 4 {
                append(group, to: &bytes)
                group.removeAll(keepingCapacity: true)
            }
        }
        if isEnded, !group.isEmpty {
            append(group, to: &bytes)
            group = []
        }
        return (bytes, group)
    }

    private static func append(_ group: [UInt8], to bytes: inout [UInt8]) {
        var value: UInt32 = 0
        for byte in group { value = value << 6 | UInt32(sextet(byte) ?? 0) }
        value <<= UInt32(6 * (4 - group.count))
        for position in 0..<max(0, group.count - 1) {
            bytes.append(UInt8(truncatingIfNeeded: value >> (16 - 8 * UInt32(position))))
        }
    }

    private static func sextet(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    /// True for a whole JSON object without data from a serial line: Tasmota answers commands on the same topic.
    private func isForeignObject(_ payload: [UInt8]) -> Bool {
        guard payload.first == UInt8(ascii: "{"), payload.last == UInt8(ascii: "}"),
            let document = try? JSONDocument.parse(payload)
        else { return false }
        return Self.serialText(document.root) == nil
    }

    /// The position after the first object; nil when the object is incomplete.
    private static func endOfObject(_ text: ArraySlice<UInt8>) -> Int? {
        var depth = 0
        var isText = false
        var isEscaped = false
        for index in text.indices {
            switch text[index] {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isText: isEscaped = true
            case UInt8(ascii: "\""): isText.toggle()
            case UInt8(ascii: "{") where !isText: depth += 1
            case UInt8(ascii: "}") where !isText:
                depth -= 1
                if depth <= 0 { return index + 1 }
            default: break
            }
        }
        return nil
    }

    private static func serialText(_ payload: [UInt8]) -> [UInt8]? {
        guard payload.contains(UInt8(ascii: "}")), let document = try? JSONDocument.parse(payload) else { return nil }
        return serialText(document.root).map { Array($0.utf8) }
    }

    private static func serialText(_ root: JSONValue) -> String? {
        root["SerialReceived"]?.text ?? root["SSerialReceived"]?.text
    }
}

/// Detects bytes that a program decoded as UTF-8 text and encoded again.
enum DamagedText {
    /// True when bytes that begin like a frame are well-formed UTF-8 with several characters beyond ASCII, which the
    /// bytes of a real frame never are.
    static func isLikely(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, [0x1B, 0x7E, 0x68].contains(first), bytes.count >= 24 else { return false }
        var count = 0
        for byte in bytes where byte & 0xC0 == 0xC0 { count += 1 }
        return count >= 3 && String(validating: bytes, as: UTF8.self) != nil
    }
}
