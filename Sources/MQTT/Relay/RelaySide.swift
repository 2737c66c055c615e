// SPDX-License-Identifier: Apache-2.0
/// One of the relay's two connections.
public enum RelaySide: String, Sendable {
    /// The connection that messages are read from.
    case input
    /// The connection that results are published on.
    case output
}
