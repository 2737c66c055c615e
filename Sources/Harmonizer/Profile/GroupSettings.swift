// SPDX-License-Identifier: Apache-2.0

/// How telegrams that come in several messages are closed.
public struct GroupSettings: Sendable, Equatable {
    /// The silence after which a group is complete.
    public var quiet: TimeSpan
    /// The longest a group may be open.
    public var limit: TimeSpan
    /// How long a device's first messages wait for one with the meter's id.
    public var identity: TimeSpan
}
