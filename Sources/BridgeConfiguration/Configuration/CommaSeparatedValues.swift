// SPDX-License-Identifier: Apache-2.0

/// The rows of a CSV text (RFC 4180): fields with separators, quotes or line ends are in quotes, and a quote inside is
/// doubled.
///
/// When the first line has semicolons and no comma, semicolons separate the fields, as spreadsheets write it where the
/// comma is the decimal point. Blanks around a field and a byte order mark at the start are ignored.
struct CommaSeparatedValues: Sequence {
    /// One field with the place where it begins, counted from 1.
    struct Field: Equatable {
        var text: String
        var line: Int
        var column: Int
    }

    private let text: String

    init(_ text: String) { self.text = text }

    func makeIterator() -> Iterator { Iterator(text) }

    struct Iterator: IteratorProtocol {
        private var rest: Substring.UnicodeScalarView
        private let separator: Unicode.Scalar
        private var line = 1
        private var column = 1

        fileprivate init(_ text: String) {
            rest = text.unicodeScalars[...]
            if rest.first == "\u{FEFF}" { rest.removeFirst() }
            let heading = rest.prefix { $0 != "\n" && $0 != "\r" }
            separator = heading.contains(";") && !heading.contains(",") ? ";" : ","
        }

        /// The next row; nil after the last.
        mutating func next() -> [Field]? {
            guard !rest.isEmpty else { return nil }
            var fields: [Field] = []
            while true {
                fields.append(field())
                guard let end = take() else { return fields }
                if end == separator { continue }
                if end == "\r", rest.first == "\n" { rest.removeFirst() }
                line += 1
                column = 1
                return fields
            }
        }

        private mutating func take() -> Unicode.Scalar? {
            guard let scalar = rest.popFirst() else { return nil }
            column += 1
            return scalar
        }

        /// The next field, up to the following separator or line end, which is not consumed.
        private mutating func field() -> Field {
            while rest.first == " " || rest.first == "\t" { _ = take() }
            var field = Field(text: "", line: line, column: column)
            var scalars = String.UnicodeScalarView()
            if rest.first == "\"" {
                _ = take()
                while let scalar = take() {
                    if scalar == "\"" {
                        guard rest.first == "\"" else { break }
                        _ = take()
                    } else if scalar == "\n" {
                        line += 1
                        column = 1
                    }
                    scalars.append(scalar)
                }
            }
            while let scalar = rest.first, scalar != separator, scalar != "\n", scalar != "\r" {
                _ = take()
                scalars.append(scalar)
            }
            while scalars.last == " " || scalars.last == "\t" { scalars.removeLast() }
            field.text = String(scalars)
            return field
        }
    }
}
