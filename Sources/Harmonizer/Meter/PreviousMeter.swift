// SPDX-License-Identifier: Apache-2.0

/// The meter that was exchanged for the present one.
struct PreviousMeter: Sendable, Equatable {
    /// Its id, when that was another one.
    var meter: String?
    /// Its serial; nil when it never sent one.
    var serial: String?
    /// Its last counters, for the bill.
    var counters: [RegisterValue]
    /// Since when the present one is there.
    var since: Timestamp
}

extension MeterState {
    /// What the bridge keeps of this meter after it was exchanged.
    func retired(as id: String?, serial: String?, at now: Timestamp, _ profile: Profile) -> PreviousMeter {
        let counters = registers.filter { profile.isCounter($0.value.obis) && !$0.value.isDerived }.map { register in
            var value = register.value
            value.time = register.time
            return value
        }
        return PreviousMeter(meter: id, serial: serial, counters: counters, since: now.wholeSeconds)
    }
}
