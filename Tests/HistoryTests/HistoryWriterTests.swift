// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Harmonizer
@testable import History

/// The writing thread, and the disks it meets.
@Suite struct HistoryWriterTests {
    /// A writer at work, with what it told.
    private final class Desk: Sendable {
        let directory: TemporaryDirectory
        let path: String
        let writer: HistoryWriter
        let told: Told

        final class Told: @unchecked Sendable {
            private let lock = NSLock()
            private var all: [String] = []
            var sentences: [String] { lock.withLock { all } }
            func add(_ sentence: String) { lock.withLock { all.append(sentence) } }
        }

        init(folder: String? = nil, limit: Int = 200_000, raw: TimeSpan = .days(1), content: String? = nil) throws {
            directory = try TemporaryDirectory()
            path = "\(folder ?? directory.path)/history.db"
            if let content { try content.write(toFile: path, atomically: false, encoding: .utf8) }
            let told = Told()
            self.told = told
            writer = HistoryWriter(limit: limit, pace: .milliseconds(50)) { told.add($1) }
            writer.configure(HistoryWriter.Settings(path: path, retention: nil, raw: raw, zone: .utc)) { $0.isCounter }
            let writer = self.writer
            Thread.detachNewThread { writer.run() }
        }

        func count(_ value: Int, meter: String = "house") throws {
            writer.take(
                try HistoryHouse.reading(
                    [(HistoryHouse.energy, "\(value)", "kWh")], at: Timestamp(seconds: 1_780_000_000 + Int64(value)),
                    meter: meter))
        }

        func wait(_ body: () throws -> Bool) -> Bool {
            for _ in 0..<500 {
                if (try? body()) == true { return true }
                usleep(20_000)
            }
            return false
        }

        func last(_ meter: String = "house") throws -> ExactDecimal? {
            let table = try HistoryReader(path: path).table(
                meter: meter, register: HistoryHouse.energy, from: Timestamp(seconds: 1_770_000_000),
                to: Timestamp(seconds: 1_790_000_000), step: .day)
            guard case .counter(_, let last, _)? = table.rows.last?.content else { return nil }
            return last
        }
    }

    @Test func `what was taken is in the file after a commit, and at the end at once`() throws {
        let desk = try Desk()
        try desk.count(1)
        #expect(desk.wait { try desk.last() == ExactDecimal(1) })
        try desk.count(2)
        desk.writer.close(within: .seconds(5))
        #expect(try desk.last() == ExactDecimal(2))
        #expect(desk.writer.problem == nil && desk.told.sentences.isEmpty)
    }

    @Test func `a damaged file is kept and another one begun`() throws {
        let desk = try Desk(content: String(repeating: "this is no database", count: 1000))
        try desk.count(1)
        #expect(desk.wait { try desk.last() == ExactDecimal(1) })
        let names = try FileManager.default.contentsOfDirectory(atPath: desk.directory.path)
        let aside = try #require(names.first { $0.contains("damaged") })
        let kept = try String(contentsOfFile: "\(desk.directory.path)/\(aside)", encoding: .utf8)
        #expect(kept.hasPrefix("this is no database"))
        #expect(desk.writer.problem?.contains("a new file is begun") == true)
        #expect(desk.told.sentences.count == 1)
        desk.writer.close(within: .seconds(5))
    }

    @Test func `a file whose pages were damaged is kept and another one begun`() throws {
        let desk = try Desk()
        try desk.count(1)
        desk.writer.close(within: .seconds(5))
        let file = try #require(FileHandle(forWritingAtPath: desk.path))
        try file.seek(toOffset: 5000)
        try file.write(contentsOf: Data(repeating: 0xa5, count: 12_000))
        try file.close()
        let told = Desk.Told()
        let writer = HistoryWriter(pace: .milliseconds(50)) { told.add($1) }
        writer.configure(HistoryWriter.Settings(path: desk.path, retention: nil, zone: .utc)) { $0.isCounter }
        Thread.detachNewThread { writer.run() }
        writer.take(
            try HistoryHouse.reading([(HistoryHouse.energy, "7", "kWh")], at: Timestamp(seconds: 1_780_000_007)))
        #expect(desk.wait { try desk.last() == ExactDecimal(7) })
        #expect(told.sentences.count == 1 && told.sentences[0].contains("is kept as"), "\(told.sentences)")
        writer.close(within: .seconds(5))
    }

    @Test func `a file that was removed is begun again`() throws {
        let desk = try Desk()
        try desk.count(1)
        #expect(desk.wait { try desk.last() == ExactDecimal(1) })
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: desk.path + suffix) }
        #expect(
            desk.wait {
                try desk.count(5)
                return try desk.last() == ExactDecimal(5)
            })
        desk.writer.close(within: .seconds(5))
    }

    @Test(.enabled(if: SmallDisk.isAvailable))
    func `a full disk is a problem while it is full, and loses no energy`() throws {
        let disk = try SmallDisk(kilobytes: 512)
        let desk = try Desk(folder: disk.path)
        try desk.count(1)
        #expect(desk.wait { try desk.last() == ExactDecimal(1) })
        try disk.fill()
        var value = 1
        #expect(
            desk.wait {
                value += 1
                try desk.count(value)
                return desk.writer.problem?.contains("full") == true
            })
        for name in try FileManager.default.contentsOfDirectory(atPath: disk.path) where name.hasPrefix("filler") {
            try FileManager.default.removeItem(atPath: "\(disk.path)/\(name)")
        }
        #expect(desk.wait { desk.writer.problem == nil })
        try desk.count(value + 1)
        desk.writer.close(within: .seconds(5))
        let table = try HistoryReader(path: desk.path).table(
            meter: "house", register: HistoryHouse.energy, from: Timestamp(seconds: 1_770_000_000),
            to: Timestamp(seconds: 1_790_000_000), step: .month)
        #expect(table.rows.sum == ExactDecimal(Int64(value)))
    }

    @Test func `without a folder everything waits, and nobody else does`() throws {
        let directory = try TemporaryDirectory()
        let folder = "\(directory.path)/later"
        let desk = try Desk(folder: folder)
        for value in 1...20 { try desk.count(value) }
        #expect(desk.wait { desk.writer.problem != nil })
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        #expect(desk.wait { try desk.last() == ExactDecimal(20) })
        #expect(desk.wait { desk.writer.problem == nil })
        desk.writer.close(within: .seconds(5))
    }

    @Test func `a second process does not write the same file`() throws {
        let house = try HistoryHouse()
        #expect(throws: DatabaseError.self) {
            _ = try HistoryFile(HistoryFile.Settings(path: house.path, zone: { _ in .utc }))
        }
    }

    @Test func `a queue that nobody empties drops the oldest and counts them`() throws {
        let writer = HistoryWriter(limit: 100) { _, _ in }
        for value in 1...1000 {
            writer.take(
                try HistoryHouse.reading(
                    [(HistoryHouse.energy, "\(value)", "kWh")], at: Timestamp(seconds: Int64(value))))
        }
        #expect((900..<1000).contains(writer.dropped))
    }

    @Test func `a forgotten meter is gone, and another one stays`() throws {
        let desk = try Desk()
        try desk.count(1)
        try desk.count(1, meter: "other")
        #expect(desk.wait { try desk.last("other") == ExactDecimal(1) })
        desk.writer.forget("house")
        #expect(desk.wait { try HistoryReader(path: desk.path).meterNames == ["other"] })
        desk.writer.close(within: .seconds(5))
    }
}
