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
        let device = devices[index]
        arrival.connected = queue.connected
        var pace: (pause: Int64, usual: Int64?)?
        if let connected = queue.connected, device.lastArrival >= connected {
            let usual = device.identity.flatMap { meters[$0.meter].interval }
            pace = (message.received.milliseconds(since: device.lastArrival), usual)
        }
        arrival.isQueued = queue.isQueued(at: message.received, pace: pace)
        if arrival.isQueued {
            arrival.previous = device.lastLive ?? lastHeard(device)
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
