// SPDX-License-Identifier: Apache-2.0

/// `homie-5`: the Homie convention 5 (homieiot.github.io): every meter is a device that describes itself, each register a
/// property; the bridge is the root device.
///
/// A property is retained as the convention requires, except momentary values, which it allows to declare as not
/// retained.
struct HomieOutput: ConfigurableOutput {
    static let name = "homie-5"

    let domain: String
    let context: OutputContext

    init?(_ options: inout YAMLReader, context: OutputContext) {
        domain = options.text("domain") ?? "homie"
        self.context = context
        if let fault = OutputTopic.fault(inFixed: domain, of: domain) {
            options.problems.error(options.node("domain")?.mark ?? options.mark, fault)
            return nil
        }
    }

    var filters: [String] { ["\(domain)/5/+/$state", "\(domain)/5/+/$description", "\(domain)/5/+/registers/+"] }

    func description(of meter: MeterState) -> [Publication] {
        guard meter.newest != nil else { return [] }
        let root = Self.identifier(meter.id)
        let online = meter.isOnline ?? true
        return [
            message("\(root)/$description", HomieDescription(context: context).payload(meter), isRetained: true),
            message("\(root)/$state", Array((online ? "ready" : "lost").utf8), isRetained: true),
        ]
    }

    func publications(of reading: Reading, meter: MeterState) -> [Publication] {
        let root = Self.identifier(meter.id)
        return reading.registers.compactMap { register in
            guard let payload = register.bareValue, !payload.isEmpty else { return nil }
            return message(
                "\(root)/registers/\(Self.property(register.obis))", payload,
                isRetained: !register.obis.isInstantaneous)
        }
    }

    func birth() -> [Publication] {
        let root = Self.identifier(bridgeID)
        return [
            message("\(root)/$description", HomieDescription(context: context).rootPayload, isRetained: true),
            message("\(root)/$state", Array("ready".utf8), isRetained: true),
        ]
    }

    func farewell() -> [Publication] {
        [message("\(Self.identifier(bridgeID))/$state", Array("disconnected".utf8), isRetained: true)]
    }

    private var bridgeID: String { HomieOutput.bridgeID(context) }

    static func bridgeID(_ context: OutputContext) -> String { "bridge-\(context.bridge)" }

    private func message(_ topic: String, _ payload: [UInt8], isRetained: Bool) -> Publication {
        Publication(topic: "\(domain)/5/\(topic)", payload: payload, qos: 1, isRetained: isRetained)
    }

    /// Homie ids are `[a-z0-9-]`; an id with an underscore, which a meter's id may have, is made to fit, with a hash
    /// after it.
    static func identifier(_ id: String) -> String {
        let fits = id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d }
        return fits ? id : MeterID.fitted(id.replacing("_", with: "-"), hashing: [id]).replacing("_", with: "-")
    }

    /// `1-0:1.8.0` as `1-0-1-8-0`.
    static func property(_ obis: OBISCode) -> String {
        obis.description.replacing(":", with: "-").replacing(".", with: "-")
    }
}
