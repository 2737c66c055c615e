// SPDX-License-Identifier: Apache-2.0

/// A piece of a page while it is written. Tags and the names of attributes come from the program alone; whatever else goes in is
/// text, and never markup.
///
/// What changes from moment to moment goes into slots. Of two pieces with the same shape only the slots differ, so that a page that
/// is open needs nothing but those.
struct HTMLWriter {
    /// A place whose content changes: the element with `data-slot` of that key.
    struct Slot: Equatable {
        var text: String
        /// Attributes by name.
        var attributes: [String: String]
    }

    /// The attributes that a slot may change; the script knows the same.
    static let liveAttributes: Set<String> = ["d", "data-state", "datetime", "offset", "title", "value", "y"]

    typealias Attributes = KeyValuePairs<StaticString, String?>

    private(set) var bytes: [UInt8] = []
    private(set) var slots: [String: Slot] = [:]
    private var hasher = Hasher()

    init(capacity: Int = 8 << 10) { bytes.reserveCapacity(capacity) }

    /// Equal for two pieces of this process in which only slots differ.
    var shape: Int { hasher.finalize() }

    /// An element around what `content` writes. An attribute that is nil is left out.
    mutating func element(_ tag: StaticString, _ attributes: Attributes = [:], _ content: (inout HTMLWriter) -> Void) {
        open(tag, attributes)
        content(&self)
        close(tag)
    }

    /// An element with a text in it.
    mutating func element(_ tag: StaticString, _ attributes: Attributes, _ text: String) {
        open(tag, attributes)
        self.text(text)
        close(tag)
    }

    /// The same without attributes.
    mutating func element(_ tag: StaticString, _ text: String) { element(tag, [:], text) }

    /// An element that has no content.
    mutating func void(_ tag: StaticString, _ attributes: Attributes = [:]) { open(tag, attributes) }

    /// Text between elements.
    mutating func text(_ text: String) {
        let start = bytes.count
        HTMLText.append(text, to: &bytes)
        hash(from: start)
    }

    /// A text of several lines, for an element that keeps its line ends.
    mutating func lines(_ text: String) {
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            add("\n")
            self.text(String(line))
        }
    }

    /// What another writer wrote, with its slots.
    mutating func include(_ other: HTMLWriter) {
        bytes.append(contentsOf: other.bytes)
        slots.merge(other.slots) { _, new in new }
        hasher.combine(other.shape)
    }

    /// An element whose text, and attributes of `liveAttributes`, change.
    ///
    /// - Parameters:
    ///   - key: names it within the page.
    ///   - attributes: those that stay.
    ///   - live: those that change.
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

    /// The same without attributes that stay.
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
