// SPDX-License-Identifier: Apache-2.0

/// A parser that reads the bytes of a payload in one pass; the bytes outlive it. Nesting has its own stack, so that no
/// input can exhaust the thread's.
package struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0
    /// The innermost open container; -1 for none. While one is open, the `next` of its node is the container around it.
    private var container = -1
    private var depth = 0
    private var expectation = Expectation.element
    /// The nodes found so far.
    private(set) var nodes: [JSONTape.Node] = []
    /// The bit of every leniency that was needed.
    private(set) var leniencies: UInt8 = 0

    /// What may follow inside a container.
    private enum Expectation {
        /// Right behind the opening bracket: an element or the closing bracket.
        case first
        /// Behind a comma: an element.
        case element
        /// Behind an element: a comma or the closing bracket.
        case separator
    }

    private let limits: Limits

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: Limits = Limits()) {
        self.bytes = bytes
        self.limits = limits
    }

    /// Fills `nodes`; the root is the first.
    package mutating func parse() throws(Rejection) {
        guard bytes.count <= JSONDocument.maximumSize else {
            throw Rejection(.tooLarge, at: JSONDocument.maximumSize, "more than \(JSONDocument.maximumSize) bytes")
        }
        nodes.reserveCapacity(min(limits.jsonMembers, 8 + bytes.count / 10))
        skipBlanks()
        try value(key: JSONTape.ByteRange())
        while container >= 0 {
            if nodes[container].kind == .object { usualMembers() }
            skipBlanks()
            guard at < bytes.count else { return try closeMissing() }
            let isObject = nodes[container].kind == .object
            if bytes[at] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                if expectation == .element { note(.trailingComma) }
                at += 1
                close()
            } else if expectation == .separator {
                guard bytes[at] == UInt8(ascii: ",") else { throw fault("expected , or \(isObject ? "}" : "]")") }
                at += 1
                expectation = .element
            } else {
                try value(key: isObject ? memberKey() : JSONTape.ByteRange())
            }
        }
        skipBlanks()
        guard at == bytes.count else { throw fault("more text behind the end") }
    }

    /// Takes members of the usual form, `"key":12.3` and `"key": "text"`, and the commas between them, as far as they
    /// go. Anything else is left to the general code.
    private mutating func usualMembers() {
        guard let base = bytes.baseAddress else { return }
        let count = bytes.count
        while nodes.count < limits.jsonMembers {
            var index = at
            if expectation == .separator {
                guard index < count, base[index] == UInt8(ascii: ",") else { return }
                index += 1
                if index < count, base[index] == 0x20 { index += 1 }
            }
            guard index < count, base[index] == UInt8(ascii: "\"") else { return }
            let key = index + 1
            index = Self.endOfText(base, from: key, count)
            let keyEnd = index
            guard index + 2 < count, base[index] == UInt8(ascii: "\""), base[index + 1] == UInt8(ascii: ":") else {
                return
            }
            index += base[index + 2] == 0x20 ? 3 : 2
            guard index < count else { return }
            var node = JSONTape.Node(
                kind: .number, text: JSONTape.ByteRange(start: Int32(index), end: 0),
                key: JSONTape.ByteRange(start: Int32(key), end: Int32(keyEnd)), next: Int32(nodes.count + 1))
            if base[index] == UInt8(ascii: "\"") {
                let end = Self.endOfText(base, from: index + 1, count)
                guard end < count, base[end] == UInt8(ascii: "\"") else { return }
                node.kind = .string
                node.text = JSONTape.ByteRange(start: Int32(index + 1), end: Int32(end))
                index = end + 1
            } else {
                guard let end = Self.endOfNumber(base, from: index, count) else { return }
                node.text.end = Int32(end)
                index = end
            }
            nodes.append(node)
            at = index
            expectation = .separator
        }
    }

    /// The place of the first byte that is not plain text: a quote, a backslash, a control character.
    @inline(__always) private static func endOfText(_ base: UnsafePointer<UInt8>, from start: Int, _ count: Int) -> Int
    {
        var index = start
        while index < count, base[index] >= 0x20, base[index] != UInt8(ascii: "\""), base[index] != UInt8(ascii: "\\") {
            index += 1
        }
        return index
    }

    /// The place behind a number that consists of digits, an optional sign and an optional point, and that a comma or a
    /// brace ends; nil for any other.
    @inline(__always) private static func endOfNumber(_ base: UnsafePointer<UInt8>, from start: Int, _ count: Int)
        -> Int?
    {
        var index = start
        if base[index] == UInt8(ascii: "-") { index += 1 }
        let whole = index
        while index < count, base[index] &- UInt8(ascii: "0") < 10 { index += 1 }
        let digits = index - whole
        guard digits > 0, digits == 1 || base[whole] != UInt8(ascii: "0"), index < count else { return nil }
        if base[index] == UInt8(ascii: ".") {
            index += 1
            let fraction = index
            while index < count, base[index] &- UInt8(ascii: "0") < 10 { index += 1 }
            guard index > fraction, index < count else { return nil }
        }
        return base[index] == UInt8(ascii: ",") || base[index] == UInt8(ascii: "}") ? index : nil
    }

    // MARK: - Containers

    private mutating func close() {
        let outer = Int(nodes[container].next)
        nodes[container].next = Int32(nodes.count)
        (container, depth) = (outer, depth - 1)
        expectation = .separator
    }

    /// The payload ends inside a container. Where it ends behind a complete member, only brackets are missing; a number that
    /// ends with the payload may have lost digits, and then a counter would be wrong without a trace.
    private mutating func closeMissing() throws(Rejection) {
        guard expectation == .separator else { throw fault("the payload ends where a value must follow") }
        if let last = nodes.last, last.kind == .number, last.text.end == bytes.count {
            throw fault("the payload ends within a number")
        }
        note(.missingEnd)
        while container >= 0 { close() }
    }

    private mutating func memberKey() throws(Rejection) -> JSONTape.ByteRange {
        guard bytes[at] == UInt8(ascii: "\"") else { throw fault("expected a key in quotes") }
        let key = try string()
        skipBlanks()
        guard at < bytes.count, bytes[at] == UInt8(ascii: ":") else { throw fault("expected : behind a key") }
        at += 1
        skipBlanks()
        return key
    }

    // MARK: - Values

    private mutating func value(key: JSONTape.ByteRange) throws(Rejection) {
        guard at < bytes.count else { throw fault("expected a value, found the end") }
        guard nodes.count < limits.jsonMembers else {
            throw Rejection(.tooLarge, at: at, "more than \(limits.jsonMembers) values")
        }
        let start = JSONTape.ByteRange(start: Int32(at), end: Int32(at))
        var node = JSONTape.Node(kind: .null, text: start, key: key, next: Int32(nodes.count + 1))
        expectation = .separator
        switch bytes[at] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard depth < limits.jsonDepth else {
                throw Rejection(.tooLarge, at: at, "nested deeper than \(limits.jsonDepth)")
            }
            node.kind = bytes[at] == UInt8(ascii: "{") ? .object : .array
            node.next = Int32(container)
            (container, depth) = (nodes.count, depth + 1)
            expectation = .first
            at += 1
        case UInt8(ascii: "\""):
            node.kind = .string
            node.text = try string()
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
            if let number = try number() {
                node.kind = .number
                node.text = number
            }
        default:
            node.kind = try word()
            if node.kind == .boolean { node.text.end = Int32(at) }
        }
        nodes.append(node)
    }

    /// The text between two quotes; the first quote is at `at`.
    private mutating func string() throws(Rejection) -> JSONTape.ByteRange {
        let quote = at
        var hasEscapes = false
        at += 1
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                at += 1
                return JSONTape.ByteRange(start: Int32(quote + 1), end: Int32(at - 1), hasEscapes: hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                if !startsEscape(at) { note(.bareBackslash) }
                // In either case a quote behind a backslash does not end the text.
                let escapesNext =
                    at + 1 < bytes.count
                    && (bytes[at + 1] == UInt8(ascii: "\"") || bytes[at + 1] == UInt8(ascii: "\\"))
                at += escapesNext ? 2 : 1
                continue
            }
            if byte < 0x20 { note(.controlCharacter) }
            at += 1
        }
        throw Rejection(.json, at: quote, "text without a closing quote")
    }

    private func startsEscape(_ backslash: Int) -> Bool {
        guard backslash + 1 < bytes.count else { return false }
        switch bytes[backslash + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"):
            return Self.fourHexadecimalDigits(bytes, backslash + 2) != nil
        default:
            return false
        }
    }

    /// The number of the four hexadecimal digits at `start`.
    package static func fourHexadecimalDigits(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt32? {
        guard start + 4 <= bytes.count else { return nil }
        var number: UInt32 = 0
        for index in start..<start + 4 {
            guard let digit = bytes[index].hexadecimalDigit else { return nil }
            number = number << 4 | UInt32(digit)
        }
        return number
    }

    /// A number, as its text; nil for `-inf` and the like.
    private mutating func number() throws(Rejection) -> JSONTape.ByteRange? {
        let start = at
        if bytes[at] == UInt8(ascii: "-") {
            at += 1
        } else if bytes[at] == UInt8(ascii: "+") {
            note(.numberForm)
            at += 1
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "n") || bytes[at] | 0x20 == UInt8(ascii: "i") {
            _ = try word()
            return nil
        }
        let whole = at
        skipDigits()
        let wholeDigits = at - whole
        var fractionDigits = 0
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            let fraction = at
            skipDigits()
            fractionDigits = at - fraction
            if wholeDigits == 0 || fractionDigits == 0 { note(.numberForm) }
        }
        guard wholeDigits + fractionDigits > 0 else { throw fault("expected a digit") }
        if wholeDigits > 1, bytes[whole] == UInt8(ascii: "0") { note(.numberForm) }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") { at += 1 }
            let power = at
            skipDigits()
            guard at > power else { throw fault("expected a digit of the exponent") }
        }
        return JSONTape.ByteRange(start: Int32(start), end: Int32(at))
    }

    /// `true`, `false`, `null`; `nan`, `inf` and `infinity` in any case are null.
    private mutating func word() throws(Rejection) -> JSONValue.Kind {
        let start = at
        while at < bytes.count, isLetter(bytes[at]), at - start < 9 { at += 1 }
        let word = UnsafeBufferPointer(rebasing: bytes[start..<at])
        if word.elementsEqual("null".utf8) { return .null }
        if word.elementsEqual("true".utf8) || word.elementsEqual("false".utf8) { return .boolean }
        for name in ["nan", "inf", "infinity"] where word.lazy.map({ $0 | 0x20 }).elementsEqual(name.utf8) {
            note(.notANumber)
            return .null
        }
        at = start
        throw fault("expected a value")
    }

    // MARK: - Bytes

    private func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    }

    private mutating func skipDigits() {
        while at < bytes.count, bytes[at] >= UInt8(ascii: "0"), bytes[at] <= UInt8(ascii: "9") { at += 1 }
    }

    private mutating func skipBlanks() {
        while at < bytes.count, bytes[at] == 0x20 || (bytes[at] >= 0x09 && bytes[at] <= 0x0D) { at += 1 }
    }

    private mutating func note(_ leniency: JSONLeniency) { leniencies |= 1 << leniency.rawValue }

    private func fault(_ detail: String) -> Rejection { Rejection(.json, at: at, detail) }
}
