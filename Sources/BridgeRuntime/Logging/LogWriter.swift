// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import MQTT
import Machine

/// Writes log lines to standard error on its own thread, so that a slow or stopped reader of the log does not block the
/// bridge. Lines that do not fit into the buffer, or cannot be written, are dropped and counted.
final class LogWriter: Sendable {
    /// Makes the line that reports how many lines are missing before it.
    typealias Notice = @Sendable (_ lost: Int, _ reason: String) -> String

    private struct Entry {
        var text: String
        /// Lines dropped between the previous entry and this one, because the buffer was full.
        var lostBefore: Int
    }

    private struct State {
        var entries: [Entry] = []
        /// Bytes in `entries`.
        var size = 0
        /// Lines dropped since the last entry.
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
    ///   - limit: the size of the buffer in bytes.
    ///   - notice: makes the notice of missing lines; called on the writing thread.
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
        // Without a thread every line is dropped and counted.
        if !isStarted { state.withLock { $0.size = limit } }
    }

    deinit { arrived.signal() }

    /// Lines dropped since the start.
    var linesLost: Int { state.withLock { $0.lostInAll } }

    /// Queues a line, given without its line end. Callable from any thread; does not wait.
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

    /// Waits until everything is written, at most for `limit`.
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
        // Reports the lost lines now: the next line may come much later.
        if rest > 0 { _ = outlet.write("", lostBefore: rest) }
        state.withLock { $0.isWriting = false }
    }
}

/// The state of the writing thread: it reports lost lines as soon as it can write again.
private struct Outlet {
    let descriptor: Int32
    let notice: LogWriter.Notice
    private var lost = 0
    private var reason = ""
    /// True when the last line was cut off.
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
