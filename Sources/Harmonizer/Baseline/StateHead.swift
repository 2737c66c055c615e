// SPDX-License-Identifier: Apache-2.0

/// What every `state` has said since the first 1.0, and without which none of its values can be placed in time.
struct StateHead {
    let root: JSONValue
    let time: Timestamp
    let received: Timestamp
    /// A word that this version does not know is another program's clock: not the meter's, and not this bridge's.
    let clock: Telegram.Clock
    let registers: JSONValue

    /// - Throws: `state.invalid` for a state that lacks one of these.
    init(_ root: JSONValue) throws(Rejection) {
        self.root = root
        time = try Self.instant("time", of: root)
        received = try Self.instant("received", of: root)
        guard let word = root["time_source"]?.text else {
            throw Rejection(.invalidState, at: root.position, "it has no \"time_source\"")
        }
        clock = Telegram.Clock(rawValue: word) ?? .source
        guard let registers = root["registers"], registers.kind == .object else {
            throw Rejection(.invalidState, at: root.position, "it has no \"registers\"")
        }
        self.registers = registers
    }

    private static func instant(_ name: StaticString, of root: JSONValue) throws(Rejection) -> Timestamp {
        guard let member = root[name] else {
            throw Rejection(.invalidState, at: root.position, "it has no \"\(name)\"")
        }
        guard let instant = member.instant else {
            throw Rejection(.invalidState, at: member.position, "its \"\(name)\" is no time")
        }
        return instant
    }
}
