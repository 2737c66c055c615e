// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// What one message brought, before it becomes one verdict: a payload may hold a good telegram and the half of another.
struct P1Outcome: Sendable {
    private var telegrams: [Telegram] = []
    private var rejections: [Rejection] = []
    private var remarks: [Remark] = []

    /// Adds a telegram that was read after the restorations in `names`, out of wrappers that needed `repairs`.
    mutating func accept(
        _ content: P1TelegramReader.Content, _ names: [(sent: String, restored: String)], _ repairs: [Fix]
    ) {
        if content.telegram.observations.isEmpty, !content.remarks.isEmpty {
            reject(.shape, at: nil, "none of its lines is a register")
            return
        }
        if content.telegram.observations.isEmpty, content.telegram.id == nil, content.telegram.time == nil {
            // Meters send their head alone while the customer's port is closed or its supply of 5 V is missing.
            reject(.shape, at: nil, "no line between the head and the end: is the port of the meter enabled?")
            return
        }
        var telegram = content.telegram
        telegram.repairs += repairs
        if !names.isEmpty { telegram.repairs.append(P1Restoration.fix(names)) }
        telegrams.append(telegram)
        remarks += content.remarks
    }

    /// Adds a telegram that was not read.
    mutating func reject(_ reason: Rejection.Reason, at position: Int?, _ detail: String) {
        reject(Rejection(reason, at: position, detail))
    }

    /// The same with a reason that is known already.
    mutating func reject(_ rejection: Rejection) {
        if rejections.count < 16 { rejections.append(rejection) }
    }

    /// The verdict: telegrams before rejections, which are remarks beside a telegram; `isOpen` when one has begun.
    func verdict(isOpen: Bool) -> Verdict {
        if !telegrams.isEmpty {
            let failures = rejections.map { Remark.malformed("\($0.reason.rawValue): \($0.detail)") }
            return .telegrams(telegrams, remarks: remarks + failures)
        }
        if var rejection = rejections.first {
            if rejections.count > 1 { rejection.detail += ", and \(rejections.count - 1) more" }
            return .rejected(rejection)
        }
        return isOpen ? .fragment : .ignored(kind: "p1-blank")
    }
}
