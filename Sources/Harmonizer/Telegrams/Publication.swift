// SPDX-License-Identifier: Apache-2.0

/// A message to be published.
public struct Publication: Sendable, Equatable {
    /// Where.
    public var topic: String
    /// What; empty with `isRetained` clears what the broker keeps.
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
    /// Adds one, where there is one.
    mutating func add(_ other: Publication?) {
        if let other { append(other) }
    }

    /// Adds others; where there are none yet they are taken as they are, which is nearly always so.
    mutating func add(_ others: consuming [Publication]) {
        if isEmpty { self = others } else if !others.isEmpty { append(contentsOf: others) }
    }
}
