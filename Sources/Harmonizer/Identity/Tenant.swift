// SPDX-License-Identifier: Apache-2.0

/// Meters of several tenants in one bridge: `acme--10487029`, the tenant's name before the meter's id.
///
/// It is part of the id, because two tenants may have a meter of the same number, or say so: nothing that one of them sends
/// reaches the state, the topics or the registers of the other's.
enum Tenant {
    /// No id has it: what is made to fit has single hyphens.
    private static let separator = "--"

    /// The id of a tenant's meter; without a tenant as it is.
    static func id(_ id: String, of tenant: Substring?) -> String {
        guard let tenant else { return id }
        let joined = "\(level(tenant))\(separator)\(id)"
        // As long as a topic level may be that a restarted bridge takes for an id.
        guard joined.utf8.count > 64 else { return joined }
        return "\(level(tenant))\(separator)\(Checksum.hex(of: id.utf8))"
    }

    /// The tenant that an id begins with; nil for none.
    static func name(in id: String) -> String? {
        id.firstRange(of: separator).map { String(id[..<$0.lowerBound]) }
    }

    /// The id without its tenant.
    static func local(_ id: String) -> String {
        id.firstRange(of: separator).map { String(id[$0.upperBound...]) } ?? id
    }

    /// The name in topics: as it is where it is a word, else made to fit, so that different names stay different.
    private static func level(_ name: Substring) -> String {
        let isWord =
            (1...24).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f }
        guard !isWord else { return String(name) }
        let fitted = MeterID.fitted(String(name.prefix(12)), hashing: [String(name)])
        return fitted.replacing("-", with: "_")
    }
}
