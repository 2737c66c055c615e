// SPDX-License-Identifier: Apache-2.0

/// A message to be published.
public struct Publication: Sendable, Equatable {
    /// The topic to publish on.
    public var topic: String
    /// The bytes to publish; empty with `isRetained` clears what the broker keeps.
    public var payload: [UInt8]
    /// 0 or 1.
    public var qos: UInt8
    /// True when the broker keeps it.
    public var isRetained: Bool

    /// Makes a publication.
    public init(topic: String, payload: [UInt8], qos: UInt8, isRetained: Bool) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
    }
}

extension [Publication] {
    /// Adds a publication unless it is nil.
    mutating func add(_ other: Publication?) {
        if let other { append(other) }
    }

    /// Adds others; an empty list takes them over as they are, which is nearly always the case.
    mutating func add(_ others: consuming [Publication]) {
        if isEmpty { self = others } else if !others.isEmpty { append(contentsOf: others) }
    }
}
