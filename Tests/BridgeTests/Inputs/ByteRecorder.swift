// SPDX-License-Identifier: Apache-2.0
import TestSupport

@testable import Inputs
@testable import bridge

/// Reads a source of bytes on a thread and keeps what it reports.
final class ByteRecorder: Sendable {
    struct State {
        var events: [ByteEvent] = []
        var isEnded = false
        var fault: InputFault?
    }

    let state = Monitor(State())
    private let source: any ByteSource

    init(_ source: any ByteSource) {
        self.source = source
        let state = state
        _ = TestThread {
            let fault = source.read { event in state.withLock { $0.events.append(event) } }
            state.withLock { state in
                state.fault = fault
                state.isEnded = true
            }
        }
    }

    deinit { source.end() }

    func end() { source.end() }

    var messages: [[UInt8]] {
        state.value.events.compactMap { event in
            if case .message(let bytes, _) = event { bytes } else { nil }
        }
    }

    var bytes: [UInt8] { messages.flatMap(\.self) }

    var remarks: [String] {
        state.value.events.compactMap { event in
            if case .remark(let sentence) = event { sentence } else { nil }
        }
    }

    /// Waits until it is open.
    func waitUntilOpen() -> Bool {
        state.wait(seconds: 15) { state in
            state.events.contains { if case .opened = $0 { true } else { false } }
        }
    }

    func wait(forBytes count: Int) -> Bool {
        state.wait(seconds: 15) { state in
            var sum = 0
            for case .message(let bytes, _) in state.events { sum += bytes.count }
            return sum >= count
        }
    }

    /// The fault it ended with; nil when it was told to end.
    func waitForEnd() -> InputFault? {
        guard state.wait(seconds: 30, until: { $0.isEnded }) else { return InputFault("it did not end") }
        return state.value.fault
    }
}
