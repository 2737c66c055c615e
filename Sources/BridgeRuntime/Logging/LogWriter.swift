// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import MQTT
import Machine

/// Carries log lines to standard error on a thread of its own, so that whoever reads them, or has stopped reading them, holds
/// nobody up. What does not fit into its buffer, or cannot be written, is dropped and counted.
final class LogWriter: Sendable {
    /// The text of a line that says how many are missing before it.
    typealias Notice = @Sendable (_ lost: Int, _ reason: String) -> String

    private struct Entry {
        var text: String
        /// Lines that were dropped between the one before and this one, because there was no room.
        var lostBefore: Int
    }

    private struct State {
        var entries: [Entry] = []
        /// Bytes in `entries`.
        var size = 0
        /// Dropped since the last entry.
        var lost = 0
        var lostInAll = 0
        /// True while an entry is being written.
        var isWriting = false
    }

    private let state = Locked(State())
    private let arrived = DispatchSemaphore(value: 0)
    private let descriptor: Int32
    private let limit: Int

    /// - Parameters:
    ///   - limit: bytes that may wait.
    ///   - notice: called on the writing thread.
    init(descriptor: Int32 = STDERR_FILENO, limit: Int = 256 << 10, notice: @escaping Notice) {
        self.descriptor = descriptor
        self.limit = limit
        let isStarted = startThread(named: "log") { [weak self, arrived] in
            var outlet = Outlet(descriptor: descriptor, notice: notice)
            while true {
                arrived.wait()
                guard let self else { return }
                self.write(through: &outlet)
            }
        }
        // Without a thread nothing is written, and everything counted.
        if !isStarted { state.withLock { $0.size = limit } }
    }

    deinit { arrived.signal() }

    /// Lines that were dropped since the start.
    var linesLost: Int { state.withLock { $0.lostInAll } }

    /// Takes a line, without its end. Any thread; it does not wait.
    func append(_ line: String) {
        let isTaken = state.withLock { state in
            guard state.size + line.utf8.count < limit else {
                state.lost += 1
                state.lostInAll += 1
                return false
            }
            state.entries.append(Entry(text: line + "\n", lostBefore: state.lost))
            state.size += line.utf8.count + 1
            state.lost = 0
            return true
        }
        if isTaken { arrived.signal() }
    }

    /// Waits until everything is written, or the time is over.
    func flush(within limit: Duration) {
        let deadline = ContinuousClock.now + limit
        while state.withLock({ !$0.entries.isEmpty || $0.isWriting }), ContinuousClock.now < deadline { usleep(2000) }
    }

    private func write(through outlet: inout Outlet) {
        let entry = state.withLock { state -> Entry? in
            guard !state.entries.isEmpty else { return nil }
            state.isWriting = true
            return state.entries.removeFirst()
        }
        guard let entry else { return }
        let isWritten = outlet.write(entry.text, lostBefore: entry.lostBefore)
        let rest = state.withLock { state in
            state.size -= entry.text.utf8.count
            if !isWritten { state.lostInAll += 1 }
            guard state.entries.isEmpty, state.lost > 0 else { return 0 }
            defer { state.lost = 0 }
            return state.lost
        }
        // Nobody knows when the next line will come to say so.
        if rest > 0 { _ = outlet.write("", lostBefore: rest) }
        state.withLock { $0.isWriting = false }
    }
}

/// The writing thread's end of it: what was lost is told as soon as something can be written again.
private struct Outlet {
    let descriptor: Int32
    let notice: LogWriter.Notice
    private var lost = 0
    private var reason = ""
    /// The last line was cut off.
    private var isMidLine = false

    init(descriptor: Int32, notice: @escaping LogWriter.Notice) {
        self.descriptor = descriptor
        self.notice = notice
    }

    mutating func write(_ line: String, lostBefore: Int) -> Bool {
        if lostBefore > 0 {
            if lost == 0 { reason = "nobody read them" }
            lost += lostBefore
        }
        var text = isMidLine ? "\n" : ""
        if lost > 0 { text += notice(lost, reason) + "\n" }
        let (count, error) = StandardStream.write(text + line, to: descriptor)
        guard error == 0 else {
            if count > 0 { isMidLine = true }
            reason = String(cString: strerror(error))
            if !line.isEmpty { lost += 1 }
            return line.isEmpty
        }
        isMidLine = false
        lost = 0
        return true
    }
}
