// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import TestSupport

/// What another user's reader of the same kind sends: the recording with other names, other members, in another order.
enum ReaderVariant {
    // MARK: - Names

    /// Another user's ids: every digit of the words that name the meter or its device is another one, everywhere.
    ///
    /// - Parameter ids: the ids that were found; of those of several words each word.
    static func renamed(_ messages: [RawMessage], ids: Set<String>, seed: Int = 3) -> [RawMessage] {
        let words = words(ids)
        return messages.map { message in
            var copy = message
            copy.topic = replaced(message.topic, words, seed)
            copy.payload = Array(replaced(String(decoding: message.payload, as: UTF8.self), words, seed).utf8)
            return copy
        }
    }

    /// What an id becomes: an id that stands in hexadecimal in the messages is not found in them, and stays.
    static func renamed(_ id: String, of ids: Set<String>, in messages: [RawMessage], seed: Int = 3) -> String {
        let isSpelled = messages.contains {
            $0.topic.contains(id) || String(decoding: $0.payload, as: UTF8.self).contains(id)
        }
        return isSpelled || id.contains("-") ? replaced(id, words(ids), seed) : id
    }

    private static func words(_ ids: Set<String>) -> [String] {
        let parts = ids.flatMap { id in id.split { !$0.isLetter && !$0.isNumber }.map(String.init) }
        return Set(parts.filter { $0.count >= 6 && ($0.contains(where: \.isNumber) || $0.allSatisfy(\.isHexDigit)) })
            .sorted()
    }

    private static func replaced(_ text: String, _ words: [String], _ seed: Int) -> String {
        words.reduce(text) { $0.replacing($1, with: other($1, seed)) }
    }

    /// The same shape with other digits; letters stay, for they tell the maker, but for hexadecimal ones.
    private static func other(_ word: String, _ seed: Int) -> String {
        let isHexadecimal = word.allSatisfy(\.isHexDigit)
        return String(
            word.enumerated().map { position, character in
                let part = position % 3 == 0 ? seed : position % 3 == 1 ? seed / 9 : seed / 81
                let shift = 1 + (part + position) % 9
                if let digit = character.wholeNumberValue { return Character(String((digit + shift) % 10)) }
                guard isHexadecimal, let value = character.hexDigitValue else { return character }
                let letter = Character(String(10 + (value - 10 + 1 + shift % 5) % 6, radix: 16))
                return character.isUppercase ? Character(letter.uppercased()) : letter
            })
    }

    /// The levels that the reader's user chooses have other names: the first one, unless it is the reader's own.
    static func base(_ messages: [RawMessage], _ name: String) -> [RawMessage] {
        messages.map { message in
            var copy = message
            let levels = message.topic.split(separator: "/", omittingEmptySubsequences: false)
            copy.topic = ([Substring(name)] + levels.dropFirst()).joined(separator: "/")
            return copy
        }
    }

    /// A broker bridge puts levels before all topics.
    static func prefixed(_ messages: [RawMessage], _ prefix: String) -> [RawMessage] {
        messages.map { message in
            var copy = message
            copy.topic = "\(prefix)/\(message.topic)"
            return copy
        }
    }

    // MARK: - Payloads

    static func payloads(_ messages: [RawMessage], _ change: (JSONTree) -> JSONTree) -> [RawMessage] {
        messages.map { message in
            var copy = message
            if let tree = JSONTree(message.payload) { copy.payload = change(tree).bytes }
            return copy
        }
    }

    /// The members of every object in the opposite order.
    static func reversed(_ tree: JSONTree) -> JSONTree { tree.mapped(object: { $0.reversed() }, leaf: { $0 }) }

    /// Numbers in quotes.
    static func quoted(_ tree: JSONTree) -> JSONTree {
        tree.mapped(
            object: { $0 },
            leaf: { leaf in
                guard case .word(let word) = leaf, ExactDecimal(word) != nil else { return leaf }
                return .text(word)
            })
    }

    /// A newer firmware sends more: a number, a text, an object in every object.
    static func extended(_ tree: JSONTree) -> JSONTree {
        tree.mapped(
            object: { members in
                let inner = JSONTree.object([.init(key: "a", value: .word("1")), .init(key: "b", value: .word("null"))])
                return [.init(key: "fw_new_text", value: .text("1.2.3"))] + members + [
                    .init(key: "fw_new_number", value: .word("4711.5")), .init(key: "fw_new_object", value: inner),
                ]
            }, leaf: { $0 })
    }

    // MARK: - Order

    /// Each message twice, as a reader repeats it, and marked as retained.
    static func repeated(_ messages: [RawMessage]) -> [RawMessage] { messages.flatMap { [$0, $0] } }

    static func retained(_ messages: [RawMessage]) -> [RawMessage] {
        messages.map { message in
            var copy = message
            copy.isRetained = true
            return copy
        }
    }

    /// The messages again ten minutes later, by their reader's clock, too: the digits of minutes and of seconds since 1970 go on.
    static func later(_ messages: [RawMessage]) -> [RawMessage] {
        messages.map { message in
            var copy = message
            copy.received = message.received + .minutes(10)
            let text = String(decoding: message.payload, as: UTF8.self)
            copy.payload = Array(text.replacing("17952144", with: "17952150").replacing(":40:0", with: ":50:0").utf8)
            return copy
        }
    }

    /// The messages of each moment in another order.
    static func shuffled(_ messages: [RawMessage], seed: UInt64) -> [RawMessage] {
        var random = SplitMix64(state: seed)
        var rest = messages
        var result: [RawMessage] = []
        for time in messages.map(\.received) {
            // Only what came within a second changes places.
            let near = rest.indices.filter { rest[$0].received - rest[0].received < .seconds(1) }
            var next = rest.remove(at: random.element(of: near))
            next.received = time
            result.append(next)
        }
        return result
    }
}
