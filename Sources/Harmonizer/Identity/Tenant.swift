// SPDX-License-Identifier: Apache-2.0

/// Meters of several tenants in one bridge: `acme--10487029`, the tenant's name before the meter's id.
///
/// The tenant is part of the id, because two tenants may have, or claim to have, a meter of the same number: no message
/// of one tenant reaches the state, the topics or the registers of the other's meter.
enum Tenant {
    /// No id contains it: an id that is made to fit has single hyphens.
    private static let separator = "--"

    /// The id of a tenant's meter; without a tenant unchanged.
    static func id(_ id: String, of tenant: Substring?) -> String {
        guard let tenant else { return id }
        let joined = "\(level(tenant))\(separator)\(id)"
        // The longest topic level that a restarted bridge takes for an id.
        guard joined.utf8.count > 64 else { return joined }
        return "\(level(tenant))\(separator)\(Checksum.hex(of: id.utf8))"
    }

    /// The tenant at the beginning of an id; nil when there is none.
    static func name(in id: String) -> String? {
        id.firstRange(of: separator).map { String(id[..<$0.lowerBound]) }
    }

    /// The id without its tenant.
    static func local(_ id: String) -> String {
        id.firstRange(of: separator).map { String(id[$0.upperBound...]) } ?? id
    }

    /// The name in topics: unchanged where it is a word, otherwise made to fit, so that different names stay different.
    private static func level(_ name: Substring) -> String {
        let isWord =
            (1...24).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
        guard !isWord else { return String(name) }
        let fitted = MeterID.fitted(String(name.prefix(12)), hashing: [String(name)])
        return fitted.replacing("-", with: "_")
    }
}
