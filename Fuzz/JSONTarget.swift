// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The lenient JSON reader: every value it finds can be read and lies inside the payload.
struct JSONTarget: FuzzTarget {
    mutating func run(_ bytes: [UInt8]) {
        do throws(Rejection) {
            let document = try JSONDocument.parse(bytes)
            var count = 0
            visit(document.root, depth: 0, size: bytes.count, &count)
            precondition(count <= Limits().jsonMembers)
        } catch {
            precondition(error.position.map { $0 <= bytes.count } ?? true)
        }
    }

    private func visit(_ value: JSONValue, depth: Int, size: Int, _ count: inout Int) {
        count += 1
        precondition(depth <= Limits().jsonDepth && value.position <= size)
        _ = value.text
        // A printed number is read again as the same number.
        if let number = value.decimal {
            precondition(ExactDecimal("\(number)") == number)
        }
        _ = value.quotedDecimal
        for member in value.members {
            _ = member.key.string
            visit(member.value, depth: depth + 1, size: size, &count)
        }
        for element in value.elements { visit(element.value, depth: depth + 1, size: size, &count) }
    }
}
