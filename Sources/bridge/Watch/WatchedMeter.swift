// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The content of the harmonised topics of one meter, as far as it is shown.
struct WatchedMeter {
    /// One register.
    struct Register: Equatable {
        /// The digits of the payload.
        var value: String
        var unit: String?
        /// `held`, `stale` or `previous`; nil for a value that is simply the newest.
        var quality: String?
    }

    let id: String
    /// The name that the user gave it.
    private(set) var name: String?
    /// The availability, from its reader's last will and its silence; nil while it is unknown.
    private(set) var isOnline: Bool?
    private(set) var registers: [OBISCode: Register] = [:]
    /// When its newest reading arrived at the bridge.
    private(set) var received: Timestamp?
    /// Readings since the watching began.
    private(set) var readings = 0
    /// The rules of the newest reading's fixes, those that doubt a value marked.
    private(set) var fixes: [(rule: String, isDoubt: Bool)] = []
    /// The codes that the last message changed.
    private(set) var changed: [OBISCode] = []

    init(id: String) { self.id = id }

    /// Takes in a `reading`.
    mutating func take(reading root: JSONValue) {
        readings += 1
        changed = []
        received = root["received"]?.text.flatMap { RFC3339.instant($0) } ?? received
        update(root)
        fixes = []
        guard let list = root["fixes"]?.elements else { return }
        for fix in list where fixes.count < 20 {
            guard let rule = fix.value["rule"]?.text else { continue }
            fixes.append((rule, fix.value["level"]?.text == "doubt"))
        }
    }

    /// Takes in a `state`, which also contains the quality of values.
    mutating func take(state root: JSONValue) {
        changed = []
        name = root["name"]?.text ?? name
        if let time = root["received"]?.text.flatMap({ RFC3339.instant($0) }), received.map({ $0 < time }) ?? true {
            received = time
        }
        update(root)
    }

    mutating func take(isOnline: Bool) {
        changed = []
        self.isOnline = isOnline
    }

    private mutating func update(_ root: JSONValue) {
        guard let members = root["registers"]?.members else { return }
        for member in members where registers.count < Self.limit {
            guard let code = OBISCode(member.key.string), let value = member.value["value"] else { continue }
            let register = Register(
                value: value.literal.string, unit: member.value["unit"]?.text, quality: member.value["quality"]?.text)
            if registers[code] != register {
                registers[code] = register
                changed.append(code)
            }
        }
    }

    /// Codes of one meter; what publishes below the root may not be a bridge.
    private static let limit = 500
}
