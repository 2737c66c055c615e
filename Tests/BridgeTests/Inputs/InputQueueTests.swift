// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import Inputs
@testable import bridge

/// What waits for the relay, and what gives way when it does not come.
@Suite struct InputQueueTests {
    private func text(_ batch: InputQueue.Batch) -> [String] {
        batch.entries.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    @Test func `messages come out in the order in which they came`() {
        let queue = InputQueue()
        for word in ["a", "b", "c"] { queue.append(Array(word.utf8), topic: "http/x") }
        #expect(text(queue.take(limit: 2)) == ["a", "b"])
        #expect(text(queue.take(limit: 2)) == ["c"])
        #expect(queue.take(limit: 2) == InputQueue.Batch())
    }

    @Test func `the oldest message that waits tells how far time may go`() throws {
        let queue = InputQueue()
        #expect(queue.oldest == nil)
        let before = ContinuousClock.now - .seconds(100)
        queue.append([1], topic: "serial/x", received: before)
        queue.append([2], topic: "serial/x")
        #expect(queue.oldest == before)
        let first = try #require(queue.take(limit: 1).entries.first)
        #expect(first.received == before)
        #expect(try #require(queue.oldest) > before)
        _ = queue.take(limit: 1)
        #expect(queue.oldest == nil)
    }

    @Test func `a source has room until its capacity waits`() {
        let queue = InputQueue(capacity: 2)
        queue.append([1], topic: "serial/x")
        #expect(queue.hasRoom(for: "serial/x"))
        queue.append([1], topic: "serial/x")
        #expect(!queue.hasRoom(for: "serial/x") && queue.hasRoom(for: "serial/y"))
    }

    @Test func `the oldest message of a source gives way and is counted`() {
        let queue = InputQueue(capacity: 2)
        for word in ["a", "b", "c", "d"] { queue.append(Array(word.utf8), topic: "udp/x") }
        let batch = queue.take(limit: 10)
        #expect(text(batch) == ["c", "d"])
        #expect(batch.dropped == ["udp/x": 2])
        #expect(queue.take(limit: 10).dropped.isEmpty)
        #expect(queue.droppedInAll == 2)
    }

    @Test func `a flood of one source costs another nothing`() {
        let queue = InputQueue(capacity: 2)
        queue.append([1], topic: "http/calm")
        for number in 0..<100 { queue.append([UInt8(number)], topic: "udp/flood") }
        let batch = queue.take(limit: 10)
        #expect(batch.entries.map(\.topic) == ["http/calm", "udp/flood", "udp/flood"])
        #expect(batch.dropped == ["udp/flood": 98])
    }

    @Test func `each arrival calls for the relay, and so does what is left over`() {
        let queue = InputQueue()
        let calls = Monitor(0)
        queue.notify { calls.withLock { $0 += 1 } }
        queue.append([1], topic: "a")
        queue.append([2], topic: "a")
        #expect(calls.value == 2)
        _ = queue.take(limit: 1)
        #expect(calls.value == 3)
        _ = queue.take(limit: 1)
        #expect(calls.value == 3)
    }

    @Test func `an outage is said once, and its end once`() {
        var report = OutageReport()
        let start = ContinuousClock.now
        #expect(report.succeeded() == nil)
        #expect(report.failed("refused", at: start) == "refused")
        for second in 1...500 { #expect(report.failed("refused", at: start + .seconds(second)) == nil) }
        #expect(report.succeeded() == 501)
        #expect(report.succeeded() == nil)
    }

    @Test func `two reasons in turns make no flood`() {
        var report = OutageReport()
        let start = ContinuousClock.now
        let lines = (0..<600).compactMap {
            report.failed($0 % 2 == 0 ? "refused" : "timed out", at: start + .seconds($0))
        }
        #expect(lines.count <= 11)
        #expect(lines.contains("timed out"))
    }

    @Test func `a source that comes and goes makes no flood`() {
        var report = OutageReport()
        let start = ContinuousClock.now
        var lines = 0
        for second in 0..<600 {
            if report.failed("refused", at: start + .seconds(second)) != nil { lines += 1 }
            if report.succeeded() != nil { lines += 1 }
        }
        #expect(lines <= 22)
    }

    @Test(arguments: [(5, 0, 5), (5, 1, 5), (5, 2, 10), (5, 3, 20), (5, 5, 60), (5, 1000, 60), (300, 9, 300)])
    func `pauses grow to a minute and never below the rhythm`(every: Int, failures: Int, seconds: Int) {
        var report = OutageReport()
        for _ in 0..<failures { _ = report.failed("refused", at: .now) }
        #expect(report.pause(.seconds(every)) == .seconds(seconds))
    }
}
