// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// Any adapter: topic and payload from the input, `topic line \n payload`, several messages separated by NUL for one decoder.
struct AdapterTarget: FuzzTarget {
    private let adapter: any Adapter

    init(_ adapter: any Adapter) { self.adapter = adapter }

    mutating func run(_ bytes: [UInt8]) {
        var decoder = adapter.makeDecoder()
        let filters = adapter.defaultFilters.compactMap { TopicPattern($0) }
        for message in bytes.split(separator: 0, maxSplits: 7, omittingEmptySubsequences: false) {
            let end = message.firstIndex(of: UInt8(ascii: "\n")) ?? message.startIndex
            let topic = String(decoding: message[..<end], as: UTF8.self)
            for filter in filters {
                if let captures = filter.captures(topic) { _ = adapter.device(of: topic, captures: captures) }
            }
            _ = decoder.decode(RawMessage(topic, message[end...].dropFirst()), context: DecodingContext(keepsRaw: true))
        }
        _ = decoder.abandon()
        precondition(decoder.openSince == nil)
    }
}
