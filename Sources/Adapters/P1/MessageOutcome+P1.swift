// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

extension MessageOutcome {
    /// Adds a telegram that was read after the restorations in `names`, from wrappers that needed `repairs`.
    mutating func accept(
        _ content: P1TelegramReader.Content, _ names: [(sent: String, restored: String)], _ repairs: [Fix]
    ) {
        if content.telegram.observations.isEmpty, !content.remarks.isEmpty {
            reject(.shape, "none of its lines is a register")
            return
        }
        if content.telegram.observations.isEmpty, content.telegram.id == nil, content.telegram.time == nil {
            // Meters send only the head while the customer's port is closed or its 5 V supply is missing.
            reject(.shape, "no line between the head and the end: is the port of the meter enabled?")
            return
        }
        var telegram = content.telegram
        telegram.repairs += repairs
        if !names.isEmpty { telegram.repairs.append(P1Restoration.fix(names)) }
        accept(telegram, content.remarks)
    }
}
