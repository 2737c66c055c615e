// SPDX-License-Identifier: Apache-2.0

/// What a pipeline accepts from a sender, and how much it remembers of one: `limits:` in `bridge.yaml`.
///
/// A client that may publish to a raw topic can invent ids, devices, registers and topics without end. Each of them
/// costs memory that lives as long as the process, and retained topics on the broker, so all are counted. What exceeds
/// a limit is rejected; what was known before continues to work.
public struct Limits: Sendable, Equatable {
    /// Bytes of a payload. The largest telegram seen has 4 kB, the largest bundle 12 kB.
    public var payload = 262_144
    /// Nesting of a JSON payload. A Tasmota status needs 4.
    public var jsonDepth = 16
    /// Values of a JSON payload, whatever their nesting. The largest status message seen has about 200.
    public var jsonMembers = 2000
    /// Registers of one telegram, the entries of its lists included, and of one meter. The largest meter has about 100.
    public var registers = 250
    /// Meters of one source.
    public var meters = 1000
    /// Devices of one source: readers, and the devices that they name in their payloads.
    public var devices = 2000
    /// Devices with something held back: a telegram in pieces, a group of registers, a message that waits for the meter's id.
    public var openGroups = 1000
    /// Bytes of a topic. The longest seen has 70.
    public var topicLength = 512

    /// The defaults: roomy for everything but an attack.
    public init() {}

    /// Bytes of an id; the longest is a P1 equipment identifier with 96 hexadecimal digits.
    static let idLength = 128
    /// Bytes of a text register; a P1 text message has 1024 characters at most (DSMR P1 5.0.2, 6.12).
    static let textLength = 4096
    /// Messages of one device that wait for the meter's id.
    static let waitingMessages = 100
    /// Devices that `info` names as the sources of one meter.
    static let devicesOfMeter = 16
}
