// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// A device shows a serial: the known one, one of several between which it wavers, or that of another meter.
    mutating func placed(
        _ serial: String, device index: Int, meter: Int, former: Int?, telegram: Telegram, at origin: Origin
    ) -> [Publication] {
        let place = devices[index].serials.take(serial)
        let source = source(of: index).name
        let device = devices[index].device
        let serials = devices[index].serials.all
        let isNew = meters[meter].noteSerial(serial)
        // A restarted bridge has to know whose serial this is where several devices send for a meter.
        if serials.count > 1 || (meters[meter].serial ?? serial) != serial {
            meters[meter].update(source: source, device: device.name) { $0.serials = serials }
        }
        switch place {
        case .known: return []
        case .returned:
            // No exchange: what was taken for one is taken back.
            devices[index].leaving = nil
            for changed in Set([meter, former ?? meter]) where meters[changed].predecessor?.serial == serial {
                meters[changed].predecessor = nil
                meters[changed].isInfoStale = true
            }
            return []
        case .new(let old):
            let before = former ?? restored[device].flatMap { meterIndices[$0.meter] }
            guard let before else { return [] }
            guard before == meter else {
                // Topics follow the id, so nothing is mixed up meanwhile: there is time to see whether the old one returns.
                devices[index].leaving = (before, old, origin.received, 0)
                return []
            }
            guard isNew else { return [] }
            say(
                Diagnostic(
                    .info,
                    "meter \(meters[meter].id): serial \(serial) instead of \(old): another meter, whose counters start anew"
                ))
            let codes = Set(telegram.observations.map(\.obis.canonical))
            let gone = meters[meter].registers.filter {
                !codes.contains($0.value.obis) && !profile.isCounter($0.value.obis)
            }
            meters[meter].restart(
                after: meters[meter].retired(as: nil, serial: old, at: origin.received),
                forgetting: Set(gone.map(\.value.obis)))
            meters[meter].beginExchange(profile: profile)
            let topics = meters[meter].topics
            return gone.flatMap { $0.clearing(profile.topics, on: topics) }
        }
    }

    /// Messages after which a new serial is believed to stay.
    private static let exchangeProof = 10

    /// A device that goes on with a new serial left its former meter for good.
    mutating func confirmExchange(_ index: Int, at now: Timestamp) -> [Publication] {
        guard var leaving = devices[index].leaving, let meter = devices[index].identity?.meter else { return [] }
        leaving.count += 1
        devices[index].leaving = leaving
        guard leaving.count >= Self.exchangeProof else { return [] }
        devices[index].leaving = nil
        let old = leaving.meter
        let name = devices[index].device.name
        meters[meter].predecessor = meters[old].retired(as: meters[old].id, serial: leaving.serial, at: leaving.since)
        meters[meter].isInfoStale = true
        say(
            Diagnostic(
                .info, "meter \(meters[meter].id) stands where \(meters[old].id) stood: a new meter behind \(name)"))
        let source = source(of: index).name
        meters[old].devices.removeAll { $0.source == source && $0.device == name }
        guard meters[old].devices.isEmpty else { return [] }
        meters[old].isInfoStale = true
        return setAvailability(false, meter: old, at: now) + info(of: old)
    }
}
