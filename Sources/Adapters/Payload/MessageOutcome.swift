// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The results of one message, before they become one verdict: a payload may contain a good telegram and a damaged one.
struct MessageOutcome: Sendable {
    private(set) var telegrams: [Telegram] = []
    private var rejections: [Rejection] = []
    private var remarks: [Remark] = []
    private var ignored: String?

    /// True when there is no result yet.
    var isEmpty: Bool { telegrams.isEmpty && rejections.isEmpty && ignored == nil }

    /// Adds a telegram with its remarks.
    mutating func accept(_ telegram: Telegram, _ remarks: [Remark] = []) {
        telegrams.append(telegram)
        self.remarks += remarks
    }

    mutating func reject(_ reason: Rejection.Reason, at position: Int? = nil, _ detail: String) {
        reject(Rejection(reason, at: position, detail))
    }

    mutating func reject(_ rejection: Rejection) {
        if rejections.count < 16 { rejections.append(rejection) }
    }

    mutating func remark(_ words: String) {
        if remarks.count < 16 { remarks.append(.malformed(words)) }
    }

    /// Notes a valid message without registers.
    mutating func ignore(_ kind: String) { ignored = ignored ?? kind }

    /// Adds another decoder's verdict on a part of the message.
    mutating func add(_ verdict: Verdict) {
        switch verdict {
        case .telegrams(let telegrams, let rejected, let remarks):
            self.telegrams += telegrams
            for rejection in rejected { reject(rejection) }
            self.remarks += remarks
        case .rejected(let rejection): reject(rejection)
        case .ignored(let kind, let remarks):
            ignore(kind)
            self.remarks += remarks
        case .fragment, .availability: break
        }
    }

    /// The verdict: the telegrams with rejections and remarks, otherwise the first rejection.
    ///
    /// - Parameters:
    ///   - isOpen: true when a telegram is incomplete.
    ///   - blank: the kind of a message without content.
    func verdict(isOpen: Bool, blank: String) -> Verdict {
        if !telegrams.isEmpty { return .telegrams(telegrams, rejected: rejections, remarks: remarks) }
        if var rejection = rejections.first {
            if rejections.count > 1 { rejection.detail += ", and \(rejections.count - 1) more" }
            return .rejected(rejection)
        }
        if isOpen { return .fragment }
        return .ignored(kind: ignored ?? blank, remarks: remarks)
    }
}
