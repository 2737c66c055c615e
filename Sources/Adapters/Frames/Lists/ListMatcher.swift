// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

/// Finds the list that matches a message, and remembers it.
struct ListMatcher: Sendable {
    /// The lists to choose from.
    private let lists: [PushList]
    /// True when the source names the list.
    private let isChosen: Bool
    /// The decided list for each kind of message, by its signature.
    private var decided: [UInt64: Int] = [:]

    /// The user's lists, or all shipped lists.
    init(chosen: [PushList]?) {
        lists = chosen ?? PushList.shipped
        isChosen = chosen != nil
    }

    /// The deviations to accept in the bytes of a chosen list.
    var leniency: AXDR.Leniency {
        isChosen && lists.contains { $0.quirks.contains(.swappedTag) } ? .swappedTag : []
    }

    /// The registers of a message and the list that defines them; nil for a message that describes itself.
    mutating func registers(
        of content: ListContent, _ bytes: [UInt8], title: [UInt8]?
    ) throws(Rejection) -> (registers: [Observation], list: PushList?) {
        let signature = Self.signature(of: content, bytes, title: title)
        let builder = ListRegisters(content: content, bytes: bytes)
        if let index = decided[signature] {
            let registers = builder.registers(by: lists[index])
            let finding = Self.finding(lists[index].laws, registers)
            guard finding != .contradicted else { throw unproven([lists[index]], content) }
            return (registers, lists[index])
        }
        // A message that does not name its device matches a list by its values alone.
        var candidates: [(index: Int, isNamed: Bool)] = []
        for (index, list) in lists.enumerated() where isChosen || !list.isByHand {
            guard let isNamed = list.match.fits(content, bytes, title: title, shape: list.shape) else { continue }
            candidates.append((index, isNamed))
        }
        // A list for a device that the message names takes precedence over a match by values.
        if candidates.contains(where: \.isNamed) { candidates.removeAll { !$0.isNamed } }
        let needsScale = content.shape == .positional || builder.needsScale
        guard !candidates.isEmpty else {
            if needsScale { throw unknown(content, bytes) }
            return (builder.registers(by: nil), nil)
        }
        var fitting: [(index: Int, registers: [Observation], finding: ListLaw.Finding)] = []
        for candidate in candidates {
            let registers = builder.registers(by: lists[candidate.index])
            let finding = Self.finding(lists[candidate.index].laws, registers)
            if finding == .contradicted { continue }
            let needsProof = !isChosen && (lists[candidate.index].isGuess || !candidate.isNamed) && needsScale
            if needsProof, finding != .proven { continue }
            fitting.append((candidate.index, registers, finding))
        }
        guard let first = fitting.first else { throw unproven(candidates.map { lists[$0.index] }, content) }
        if fitting.count == 1 || fitting.dropFirst().allSatisfy({ $0.registers == first.registers }) {
            // A result from a single frame of zeros is not remembered.
            if fitting.count == 1 { decide(signature, first.index) }
            return (first.registers, lists[first.index])
        }
        // These lists differ in the currents: voltage alone would prove all of them.
        let proven = fitting.filter { ListLaw.current.finding(in: $0.registers) == .proven }
        if proven.count == 1 {
            decide(signature, proven[0].index)
            return (proven[0].registers, lists[proven[0].index])
        }
        throw ambiguous(fitting.map { lists[$0.index] }, content)
    }

    private mutating func decide(_ signature: UInt64, _ index: Int) {
        // A sender with a new form for each message must not fill the memory.
        if decided.count >= 64 { decided.removeAll(keepingCapacity: true) }
        decided[signature] = index
    }

    /// `contradicted` when any law is, otherwise the best finding.
    private static func finding(_ laws: [ListLaw], _ registers: [Observation]) -> ListLaw.Finding {
        var best = ListLaw.Finding.silent
        for law in laws {
            let finding = law.finding(in: registers)
            if finding == .contradicted { return .contradicted }
            best = max(best, finding)
        }
        return best
    }

    /// The signature of a kind of message: shape, types, version and device.
    private static func signature(of content: ListContent, _ bytes: [UInt8], title: [UInt8]?) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        add(UInt8(truncatingIfNeeded: content.entries.count))
        for letter in content.letters where letter != UInt8(ascii: "s") && letter != UInt8(ascii: "o") { add(letter) }
        for entry in content.entries { add(entry.code.c) }
        for entry in content.entries { add(entry.code.d ^ entry.code.e) }
        for index in content.version ?? 0..<0 { add(bytes[index]) }
        for index in content.device ?? 0..<0 { add(bytes[index]) }
        for byte in title ?? [] { add(byte) }
        return hash
    }

    // MARK: - Words

    private func unknown(_ content: ListContent, _ bytes: [UInt8]) -> Rejection {
        let version = content.version.map { " of the version \"\(ListText.text(bytes, $0))\"" } ?? ""
        return Rejection(
            .unknownList,
            "no list\(version) with \(content.letters.count) values of the types "
                + "\(String(decoding: content.letters, as: UTF8.self)) is known: "
                + "\"obis-bridge learn-list FILE\" prints a draft of its table from the message")
    }

    private func unproven(_ lists: [PushList], _ content: ListContent) -> Rejection {
        let names = lists.map(\.name).joined(separator: ", ")
        let laws = Set(lists.flatMap(\.laws)).map(\.rawValue).sorted().joined(separator: ", ")
        let reason =
            lists.allSatisfy(\.isGuess)
            ? "is a guess that its values do not prove" : "does not agree with its values (\(laws))"
        return Rejection(
            .unprovenList,
            "the list \(names) \(reason): write \"list: NAME\" in the source with the one that is right, or "
                + "\"list: as-sent\" for the numbers as the meter sends them")
    }

    private func ambiguous(_ lists: [PushList], _ content: ListContent) -> Rejection {
        Rejection(
            .ambiguousList,
            "the lists \(lists.map(\.name).joined(separator: " and ")) fit and give other values: write "
                + "\"list: \(lists[0].name)\" in the source, or another one of them")
    }
}

extension PushList.Match {
    /// nil when the message does not match; false when it matches but does not name its device.
    fileprivate func fits(
        _ content: ListContent, _ bytes: [UInt8], title: [UInt8]?, shape: ListShape?
    ) -> Bool? {
        if let shape, shape != content.shape { return nil }
        if let count, count != content.letters.count { return nil }
        if let types, !Self.fits(types, content.letters) { return nil }
        if !versions.isEmpty {
            guard let range = content.version ?? Self.first(content) else { return nil }
            guard versions.contains(where: { Self.isText(bytes, range, $0, isPrefix: false) }) else { return nil }
        }
        guard !devices.isEmpty else { return true }
        if let range = content.device ?? (content.shape == .positional ? Self.first(content) : nil) {
            return devices.contains { Self.isText(bytes, range, $0, isPrefix: true) } ? true : nil
        }
        guard let title else { return false }
        return devices.contains { title.starts(with: $0.utf8) } ? true : nil
    }

    /// The first value of a list without codes, when it is a text.
    private static func first(_ content: ListContent) -> Range<Int>? {
        guard content.shape == .positional, content.letters.first == UInt8(ascii: "s") else { return nil }
        return content.values.first.map { content.element($0).range }
    }

    private static func fits(_ types: [UInt8], _ letters: [UInt8]) -> Bool {
        let isOpen = types.last == UInt8(ascii: "*")
        let types = isOpen ? types.dropLast() : types[...]
        guard isOpen ? letters.count >= types.count : letters.count == types.count else { return false }
        for (type, letter) in zip(types, letters) where type != letter {
            switch type {
            case UInt8(ascii: "?"): continue
            case UInt8(ascii: "#"):
                if !"ywun".utf8.contains(letter) { return false }
            default: return false
            }
        }
        return true
    }

    private static func isText(_ bytes: [UInt8], _ range: Range<Int>, _ text: String, isPrefix: Bool) -> Bool {
        let text = text.utf8
        guard isPrefix ? range.count >= text.count : range.count == text.count else { return false }
        return bytes[range].starts(with: text)
    }
}
