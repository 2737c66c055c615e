// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Harmonizer

/// The queue of the writing thread: bounded, and adding to it never waits. When it is full, the oldest readings are
/// dropped.
final class Mailbox: @unchecked Sendable {
    // Unchecked: everything below the mutex is touched only while it is held.

    enum Item: Sendable {
        case reading(HistoryReading)
        case forget(String)
        case configure(HistoryWriter.Settings?, @Sendable (OBISCode) -> Bool)
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let limit: Int
    private var items: [Item] = []
    private var weight = 0
    private var isUrgent = false
    private var isClosed = false
    private var isRunning = true
    private var lost = 0
    private var sentence: String?

    init(limit: Int) {
        self.limit = limit
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // The monotonic clock: setting the system's clock must not keep the thread asleep.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// The time of the monotonic clock.
    static var now: TimeSpan {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(Int64(time.tv_sec)) + .milliseconds(Int64(time.tv_nsec) / 1_000_000)
    }

    var problem: String? { locked { sentence } }
    var dropped: Int { locked { lost } }

    /// - Returns: false when this problem was reported already.
    func setProblem(_ new: String?) -> Bool {
        locked {
            defer { sentence = new }
            return sentence != new
        }
    }

    func append(_ item: Item, weight: Int, isUrgent: Bool = false) {
        locked {
            items.append(item)
            self.weight += weight
            if self.weight > limit { dropOldest() }
            guard isUrgent || self.weight > limit / 8, !self.isUrgent else { return }
            self.isUrgent = true
            pthread_cond_broadcast(condition)
        }
    }

    /// Drops half of the readings at once, so that a full queue costs little per reading.
    private func dropOldest() {
        var rest = weight - limit / 2
        items.removeAll { item in
            guard rest > 0, case .reading(let reading) = item else { return false }
            rest -= reading.registers.count
            weight -= reading.registers.count
            lost += 1
            return true
        }
    }

    /// Waits until the deadline, or until an urgent item arrives; returns all items.
    func wait(until deadline: TimeSpan) -> (items: [Item], isClosed: Bool) {
        locked {
            var time = timespec(deadline)
            while !isUrgent, !isClosed, Self.now < deadline { pthread_cond_timedwait(condition, mutex, &time) }
            defer { (items, weight, isUrgent) = ([], 0, false) }
            return (items, isClosed)
        }
    }

    func close(within patience: TimeSpan) {
        let deadline = Self.now + patience
        locked {
            isClosed = true
            pthread_cond_broadcast(condition)
            var time = timespec(deadline)
            while isRunning, Self.now < deadline { pthread_cond_timedwait(condition, mutex, &time) }
        }
    }

    /// Notes that the writing thread has ended.
    func ended() {
        locked {
            isRunning = false
            pthread_cond_broadcast(condition)
        }
    }
}

extension timespec {
    /// A moment of a clock, for the C library.
    fileprivate init(_ moment: TimeSpan) {
        self.init(
            tv_sec: Int(moment.seconds), tv_nsec: Int((moment - moment.wholeSeconds).milliseconds) * 1_000_000)
    }
}
