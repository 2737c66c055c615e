// SPDX-License-Identifier: Apache-2.0

/// Writes a piece of a page. Tags and attribute names come from the program alone; everything else is escaped as text,
/// never markup.
///
/// Values that change go into slots. Two pieces of the same shape differ only in their slots, so an open page needs
/// only the slots.
struct HTMLWriter {
    /// The changing content of the element whose `data-slot` is the key.
    struct Slot: Equatable {
        var text: String
        /// Attributes by name.
        var attributes: [String: String]
    }

    /// The attributes that a slot may change; the script has the same list.
    static let liveAttributes: Set<String> = ["d", "data-state", "datetime", "offset", "title", "value", "y"]

    typealias Attributes = KeyValuePairs<StaticString, String?>

    private(set) var bytes: [UInt8] = []
    private(set) var slots: [String: Slot] = [:]
    private var hasher = Hasher()

    init(capacity: Int = 8 << 10) { bytes.reserveCapacity(capacity) }

    /// A hash, equal for two pieces of this process that differ only in their slots.
    var shape: Int { hasher.finalize() }

    /// An element around what `content` writes. A nil attribute is left out.
    mutating func element(_ tag: StaticString, _ attributes: Attributes = [:], _ content: (inout HTMLWriter) -> Void) {
        open(tag, attributes)
        content(&self)
        close(tag)
    }

    /// An element that contains a text.
    mutating func element(_ tag: StaticString, _ attributes: Attributes, _ text: String) {
        open(tag, attributes)
        self.text(text)
        close(tag)
    }

    /// An element without attributes that contains a text.
    mutating func element(_ tag: StaticString, _ text: String) { element(tag, [:], text) }

    /// An element without content or end tag.
    mutating func void(_ tag: StaticString, _ attributes: Attributes = [:]) { open(tag, attributes) }

    /// Text between elements.
    mutating func text(_ text: String) {
        let start = bytes.count
        HTMLText.append(text, to: &bytes)
        hash(from: start)
    }

    /// A text of several lines, for an element that preserves line ends.
    mutating func lines(_ text: String) {
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            add("\n")
            self.text(String(line))
        }
    }

    /// Appends what another writer wrote, with its slots.
    mutating func include(_ other: HTMLWriter) {
        bytes.append(contentsOf: other.bytes)
        slots.merge(other.slots) { _, new in new }
        hasher.combine(other.shape)
    }

    /// An element whose text and `liveAttributes` change.
    ///
    /// - Parameters:
    ///   - key: the slot's name, unique within the page.
    ///   - attributes: attributes that stay.
    ///   - live: attributes that change.
    mutating func slot(
        _ key: String, _ tag: StaticString, _ attributes: Attributes = [:], _ text: String,
        live: [String: String] = [:]
    ) {
        let start = bytes.count
        add("<")
        add(tag)
        write(attributes)
        add(" data-slot=\"")
        HTMLText.append(key, to: &bytes)
        add("\"")
        hash(from: start)
        for (name, value) in live.sorted(by: { $0.key < $1.key }) where Self.liveAttributes.contains(name) {
            bytes.append(contentsOf: " \(name)=\"".utf8)
            HTMLText.append(value, to: &bytes)
            add("\"")
        }
        add(">")
        HTMLText.append(text, to: &bytes)
        close(tag)
        slots[key] = Slot(text: text, attributes: live)
    }

    /// A slot without fixed attributes.
    mutating func slot(_ key: String, _ tag: StaticString, _ text: String, live: [String: String] = [:]) {
        slot(key, tag, [:], text, live: live)
    }

    private mutating func open(_ tag: StaticString, _ attributes: Attributes) {
        let start = bytes.count
        add("<")
        add(tag)
        write(attributes)
        add(">")
        hash(from: start)
    }

    private mutating func close(_ tag: StaticString) {
        let start = bytes.count
        add("</")
        add(tag)
        add(">")
        hash(from: start)
    }

    private mutating func write(_ attributes: Attributes) {
        for (name, value) in attributes {
            guard let value else { continue }
            add(" ")
            add(name)
            guard !value.isEmpty else { continue }
            add("=\"")
            HTMLText.append(value, to: &bytes)
            add("\"")
        }
    }

    private mutating func add(_ markup: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: markup.utf8Start, count: markup.utf8CodeUnitCount))
    }

    private mutating func hash(from start: Int) {
        bytes[start...].withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
