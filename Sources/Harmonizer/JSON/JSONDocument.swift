// SPDX-License-Identifier: Apache-2.0

/// A JSON payload, read in one pass into a flat list of nodes.
///
/// Numbers keep their digits, members their order and their repetitions, and text is copied only on request.
package struct JSONDocument: Sendable {
    /// The largest payload in bytes, whatever the limits: positions are 32 bits wide.
    package static let maximumSize = 1 << 20

    private let tape: JSONTape
    /// The faults that were overlooked, each kind once.
    package let leniencies: [JSONLeniency]

    /// The outermost value.
    package var root: JSONValue { JSONValue(tape: tape, index: 0) }

    /// The leniencies as fixes of the telegram.
    package var repairs: [Fix] { leniencies.map(\.fix) }

    /// Reads a payload.
    ///
    /// - Throws: `json.invalid` with the position of the first byte that cannot be understood, `payload.too-large` for more
    ///   bytes, values or nesting than the limits.
    package static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(Rejection) -> JSONDocument {
        let (nodes, leniencies) = try bytes.withUnsafeBufferPointer { bytes throws(Rejection) in
            var parser = JSONParser(bytes, limits: limits)
            try parser.parse()
            return (parser.nodes, parser.leniencies)
        }
        return JSONDocument(
            tape: JSONTape(bytes: bytes, nodes: nodes),
            leniencies: leniencies == 0
                ? [] : JSONLeniency.allCases.filter { leniencies & (1 << $0.rawValue) != 0 })
    }
}
