// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

@testable import PlugTest

/// Counts the numbers that come out in readings, as they come: the lines of an evening would fill the memory.
final class NumberSink: Sendable {
    struct Tally: Sendable {
        var seen: Set<Int> = []
        var readings = 0
        var identifiers: Set<String> = []
        /// Numbers that came for the first time after a larger one.
        var outOfOrder = 0
        var largest = 0

        /// Readings with an id that came before.
        var duplicates: Int { readings - identifiers.count }

        /// The first numbers of `1...count` that did not come.
        func missing(_ count: Int) -> [Int] { Array((1...count).lazy.filter { !seen.contains($0) }.prefix(20)) }
    }

    let tally = Monitor(Tally())
    private let process: ChildProcess

    /// A client with a session of its own, so that only the bridge is put to the test.
    init(port: Int, registers: [String]) throws {
        let tally = tally
        let marks = registers.map { Array("\"\($0)\":{\"value\":".utf8) }
        process = try ChildProcess(
            "mosquitto_sub",
            [
                "-h", "localhost", "-p", "\(port)", "-V", "5", "-i", "sink", "-c", "-x", "3600", "-q", "1",
                "-D", "connect", "receive-maximum", "10000", "-t", "harmonized/v1/meter/haus/reading",
            ]
        ) { lines in
            let found = lines.map { line in
                (Self.text(after: Array("\"id\":\"".utf8), in: line), Self.numbers(marks, line))
            }
            tally.withLock { tally in
                for (identifier, numbers) in found {
                    tally.readings += 1
                    if let identifier { tally.identifiers.insert(identifier) }
                    for number in numbers where number > 0 && tally.seen.insert(number).inserted {
                        if number < tally.largest { tally.outOfOrder += 1 }
                        tally.largest = max(tally.largest, number)
                    }
                }
            }
        }
    }

    func wait(seconds: Double, until predicate: (Tally) -> Bool) -> Bool {
        tally.wait(seconds: seconds, until: predicate)
    }

    /// The numbers in a message.
    static func numbers(in message: [UInt8], of registers: [String]) -> [Int] {
        guard message.count < 2000 else { return [] }
        return numbers(registers.map { Array("\"\($0)\":{\"value\":".utf8) }, String(decoding: message, as: UTF8.self))
    }

    /// The number behind a text in a message.
    static func numbers(in message: [UInt8], behind mark: String) -> [Int] {
        guard message.count < 2000 else { return [] }
        return numbers([Array(mark.utf8)], String(decoding: message, as: UTF8.self))
    }

    private static func numbers(_ marks: [[UInt8]], _ line: String) -> [Int] {
        marks.compactMap { text(after: $0, in: line).flatMap { Int($0) } }
    }

    /// Letters and digits behind a mark.
    private static func text(after mark: [UInt8], in line: String) -> String? {
        var line = line
        return line.withUTF8 { bytes in
            guard let first = mark.first else { return nil }
            var start = bytes.startIndex
            while let next = bytes[start...].firstIndex(of: first), !bytes[next...].starts(with: mark) {
                start = next + 1
            }
            guard let found = bytes[start...].firstIndex(of: first) else { return nil }
            let rest = bytes[(found + mark.count)...]
            return String(
                decoding: rest.prefix { (48...57).contains($0) || (97...122).contains($0) }, as: UTF8.self)
        }
    }
}
