// SPDX-License-Identifier: Apache-2.0

/// A device that sends for a meter, by its source and its name there.
struct Sender: Equatable {
    let source: String
    let device: String
    /// True for the name under which a reader sends while it has lost its meter's id.
    let isFallback: Bool
}

/// What happened to meters when a device was placed. The registry makes no MQTT messages: delivery knows what the
/// broker keeps.
enum MeterEvent {
    /// Nothing of this meter is valid any more.
    case ended(MeterState)
    /// These registers of a meter are not valid any more.
    case registersEnded([RegisterState], MeterTopics)
    /// No device sends for this meter any more.
    case deserted(meter: Int, at: Timestamp)
    /// The clock of this device is read in another zone from now on.
    case clockReread(device: Int)
}
