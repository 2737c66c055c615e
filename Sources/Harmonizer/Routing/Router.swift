// SPDX-License-Identifier: Apache-2.0

/// Finds the source of a topic and the device within it.
struct Router: Sendable {
    /// A device: messages of the same device share a decoder and an identity.
    struct Device: Sendable, Hashable {
        var source: Int
        var name: String
    }

    private let routes: [(pattern: TopicPattern, source: Int)]
    private let adapters: [any Adapter]

    /// Of several filters that match a topic, the one with the most levels without wildcards wins, then the first in
    /// the file.
    init(_ sources: [Source]) {
        adapters = sources.map(\.adapter)
        routes = sources.enumerated()
            .flatMap { index, source in source.filters.map { ($0, index) } }
            .enumerated()
            .sorted { ($1.element.0.literalLevels, $0.offset) < ($0.element.0.literalLevels, $1.offset) }
            .map { (pattern: $0.element.0, source: $0.element.1) }
    }

    /// Nil for a topic that no source subscribes to.
    func device(_ topic: String) -> Device? {
        for route in routes {
            guard var captures = route.pattern.captures(topic) else { continue }
            let tenant = route.pattern.tenant.map { captures.remove(at: $0) }
            let name = adapters[route.source].device(of: topic, captures: captures)
            // Before everything else, so that two tenants' devices are never one.
            return Device(source: route.source, name: tenant.map { "\($0)/\(name)" } ?? name)
        }
        return nil
    }
}
