// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Says that the input is connected: what the broker queued meanwhile comes next.
    ///
    /// - Parameters:
    ///   - now: when the connection stood.
    ///   - isResumed: true when the broker had kept the session.
    public mutating func connected(at now: Timestamp, isResumed: Bool) {
        queue.connect(at: now, isResumed: isResumed)
    }

    /// How a message came, and what that says about its age.
    mutating func arrival(of message: RawMessage, device index: Int) -> Arrival {
        var arrival = Arrival(received: message.received, isRetained: message.isRetained)
        guard !message.isRetained else { return arrival }
        arrival.connected = queue.connected
        var pace: (pause: Int64, usual: Int64?)?
        let last = devices[index].lastArrival
        if let connected = queue.connected, last >= connected {
            let usual = devices[index].identity?.meter
            pace = (message.received.milliseconds(since: last), usual.flatMap { meters[$0].interval })
        }
        arrival.isQueued = queue.isQueued(at: message.received, pace: pace)
        if arrival.isQueued {
            arrival.previous = devices[index].lastLive ?? lastHeard(devices[index])
        } else {
            devices[index].lastLive = message.received
        }
        return arrival
    }

    /// When an earlier run of the bridge heard a device.
    private func lastHeard(_ device: DeviceState) -> Timestamp? {
        let restored = restored[device.device].flatMap { meterIndices[$0.meter] }
        return (device.identity?.meter ?? restored).flatMap { meters[$0].heardBefore }
    }
}
