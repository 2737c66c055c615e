// SPDX-License-Identifier: Apache-2.0

/// Distinguishes new authentic frames from repeated ones, by the counter in every encrypted frame of a meter.
struct InvocationGuard: Sendable, Equatable {
    /// The judgement of a frame.
    enum Judgement: Sendable, Equatable {
        case new
        /// The same frame again, because a broker delivers at least once.
        case duplicate
        /// An old frame, or another frame with a used counter.
        case replay(last: UInt32)
    }

    /// The state of one meter.
    fileprivate struct Meter: Sendable, Equatable {
        var highest: UInt32
        /// The clock of the frame with the highest counter, in seconds.
        var time: Int64?
        /// The last frames, as a ring buffer.
        var recent: [Frame]
        var next = 0
        /// The number of consecutive frames with rising counters below the highest and a newer clock: a new meter, or
        /// new keys.
        var rising: (count: Int, counter: UInt32, time: Int64) = (0, 0, 0)

        init(highest: UInt32, time: Int64?, recent: [Frame] = []) {
            self.highest = highest
            self.time = time
            self.recent = recent
        }

        static func == (one: Meter, other: Meter) -> Bool {
            one.highest == other.highest && one.time == other.time && one.ordered == other.ordered
        }

        /// The last frames, the oldest first.
        var ordered: [Frame] { Array(recent[next...] + recent[..<next]) }
    }

    /// A frame that was read.
    fileprivate struct Frame: Sendable, Equatable {
        var counter: UInt32
        /// Its tag reduced to two bytes: only the owner of the key can make another frame with the same counter.
        var mark: UInt16

        init(_ counter: UInt32, tag: UInt64) {
            self.counter = counter
            mark = UInt16(truncatingIfNeeded: tag ^ tag >> 16 ^ tag >> 32 ^ tag >> 48)
        }
    }

    private var meters: [UInt64: Meter] = [:]
    /// Maximum number of remembered frames: after a crash a broker sends up to 200 messages again.
    static let memory = 200
    /// Maximum number of meters of one source.
    static let most = 64
    /// Number of rising frames after which a meter's counter may start again.
    static let restart = 3

    /// Judges an authentic frame.
    ///
    /// - Parameters:
    ///   - tag: distinguishes two frames with one counter.
    ///   - time: the meter's clock in the frame, in seconds.
    ///   - isRedelivered: true when the broker marks the message as a repetition.
    mutating func judge(
        title: UInt64, counter: UInt32, tag: UInt64, time: Int64?, isRedelivered: Bool
    ) -> Judgement {
        let frame = Frame(counter, tag: tag)
        guard var meter = meters[title] else {
            if meters.count >= Self.most { meters.removeAll() }
            meters[title] = Meter(highest: counter, time: time, recent: [frame])
            return .new
        }
        defer { meters[title] = meter }
        if counter > meter.highest {
            meter.add(frame)
            meter.highest = counter
            meter.time = time ?? meter.time
            meter.rising.count = 0
            return .new
        }
        if meter.recent.contains(frame) { return .duplicate }
        // The tag proves knowledge of the key, so the meter sent this repeated frame.
        if isRedelivered, counter < meter.highest { return .duplicate }
        if let time, let last = meter.time, time > last, counter > meter.rising.counter || meter.rising.count == 0,
            meter.rising.count == 0 || time > meter.rising.time
        {
            meter.rising = (meter.rising.count + 1, counter, time)
            if meter.rising.count >= Self.restart {
                meter = Meter(highest: counter, time: time, recent: [frame])
                return .new
            }
        }
        return .replay(last: meter.highest)
    }

    /// True when the counter of a frame without a tag fell, which proves nothing.
    mutating func fell(title: UInt64, counter: UInt32) -> Bool {
        guard let meter = meters[title] else {
            if meters.count >= Self.most { meters.removeAll() }
            meters[title] = Meter(highest: counter, time: nil, recent: [])
            return false
        }
        meters[title]?.highest = counter
        return counter < meter.highest
    }

    /// True once a frame of the meter was judged.
    func knows(_ title: UInt64) -> Bool { meters[title] != nil }

    /// True once a tag authenticated a frame of the meter.
    func isProven(_ title: UInt64) -> Bool { meters[title]?.recent.isEmpty == false }

    /// Forgets a meter: its next frame may have any counter.
    mutating func forget(_ title: UInt64) { meters[title] = nil }
}

extension InvocationGuard.Meter {
    fileprivate mutating func add(_ frame: InvocationGuard.Frame) {
        if recent.count < InvocationGuard.memory {
            recent.append(frame)
        } else {
            recent[next] = frame
            next = (next + 1) % InvocationGuard.memory
        }
    }
}

// MARK: - After a restart

extension InvocationGuard {
    /// The state of a meter as text: the ranges of counters of its last frames, the marks of these frames, and its
    /// clock, such as `100-102,104 1f3a5b0077ce91d2 1795214402`. nil for an unknown meter.
    func memory(of title: UInt64) -> String? {
        guard let meter = meters[title] else { return nil }
        let frames = meter.ordered
        var text = ""
        text.reserveCapacity(4 * frames.count + 48)
        var run: (first: UInt32, last: UInt32)?
        func close() {
            guard let run else { return }
            if !text.isEmpty { text += "," }
            text += run.first == run.last ? "\(run.first)" : "\(run.first)-\(run.last)"
        }
        for frame in frames {
            if let open = run, open.last &+ 1 == frame.counter {
                run?.last = frame.counter
            } else {
                close()
                run = (frame.counter, frame.counter)
            }
        }
        close()
        text += " "
        text += String(unsafeUninitializedCapacity: 4 * frames.count) { digits in
            for (index, frame) in frames.enumerated() {
                for place in 0..<4 {
                    let digit = UInt8(truncatingIfNeeded: frame.mark >> UInt16(12 - 4 * place)) & 15
                    digits[4 * index + place] = digit < 10 ? 0x30 + digit : 0x57 + digit
                }
            }
            return 4 * frames.count
        }
        if let time = meter.time { text += " \(time)" }
        return text
    }

    /// Restores the state of a meter from an earlier run; ignores a text that `memory(of:)` did not write.
    mutating func restore(_ title: UInt64, from text: String) {
        let fields = text.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard (2...3).contains(fields.count), fields[1].count % 4 == 0, fields[1].count <= 4 * Self.memory else {
            return
        }
        let count = fields[1].count / 4
        var counters: [UInt32] = []
        for run in fields[0].split(separator: UInt8(ascii: ",")) {
            let ends = run.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map {
                UInt32(Substring($0))
            }
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1], first <= last,
                Int(last - first) < Self.memory, counters.last.map({ $0 < first }) ?? true
            else { return }
            counters += first...last
            guard counters.count <= count else { return }
        }
        guard counters.count == count, let highest = counters.last else { return }
        var frames: [Frame] = []
        var digits = fields[1][...]
        for counter in counters {
            guard let mark = UInt16(Substring(digits.prefix(4)), radix: 16) else { return }
            digits = digits.dropFirst(4)
            frames.append(Frame(counter, tag: UInt64(mark)))
        }
        let time = fields.count == 3 ? Int64(Substring(fields[2])) : nil
        if meters.count >= Self.most { meters.removeAll() }
        meters[title] = Meter(highest: highest, time: time, recent: frames)
    }
}
