// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import MQTT
import Machine
import Page

/// The event stream of one open page: it sends changes at most once a second, and less often when they cost much work.
actor EventSession {
    /// Returns the data of the view; nil when nothing changed since that state, or when the loop does not answer.
    typealias Source = @Sendable (_ since: UInt64) async -> PageData?

    private let source: Source
    private let shape: String
    private var session: PageSession
    private var isBegun = false
    private var pause = Duration.zero
    /// When the session last sent an event, and when it last compared the whole view.
    private var said = ContinuousClock.now
    private var looked = ContinuousClock.now

    private static let pulse = Duration.seconds(10)
    /// The interval of comparing the whole view, which finds changes without a message, such as a meter that falls
    /// silent.
    private static let wholeLook = Duration.seconds(10)
    /// An open page may use one fiftieth of a core.
    private static let share = 50

    init(view: PageView, shape: String, source: @escaping Source) {
        session = PageSession(view)
        self.shape = shape
        self.source = source
    }

    /// The next event; it comes after about ten seconds at the latest, so that the page knows that the stream is alive.
    func next() async -> [UInt8]? {
        while true {
            do { try await Task.sleep(for: isBegun ? max(.seconds(1), pause) : .zero) } catch { return nil }
            let isWhole = !isBegun || looked + max(Self.wholeLook, pause * 5) < .now
            let data = await source(isWhole ? 0 : session.sequence)
            if Task.isCancelled { return nil }
            if let data, let event = event(data, isWhole: isWhole) {
                said = .now
                return event
            }
            guard said + Self.pulse < .now else { continue }
            said = .now
            return PageSession.pulse(at: SystemClock.now)
        }
    }

    private func event(_ data: PageData, isWhole: Bool) -> [UInt8]? {
        let start = ContinuousClock.now
        defer {
            pause = min(.seconds(30), (ContinuousClock.now - start) * Self.share)
            if isWhole { looked = .now }
        }
        guard isBegun else {
            isBegun = true
            return session.begin(data, PageWriter(), shape: shape)
        }
        return session.event(data, PageWriter())
    }
}

/// Limits the pages that are open at the same time: each holds a connection, and other clients need some too.
final class EventPlaces: Sendable {
    static let shared = EventPlaces()
    static let limit = 24

    private let taken = Locked(0)

    /// A place for one page; nil when all are taken.
    func take() -> Place? {
        let isTaken = taken.withLock { taken in
            guard taken < Self.limit else { return false }
            taken += 1
            return true
        }
        return isTaken ? Place(places: self) : nil
    }

    struct Place: Sendable {
        fileprivate let places: EventPlaces

        func leave() { places.taken.withLock { $0 -= 1 } }
    }
}
