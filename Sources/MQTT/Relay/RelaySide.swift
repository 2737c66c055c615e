// SPDX-License-Identifier: Apache-2.0
/// One of the relay's two connections.
public enum RelaySide: String, Sendable {
    /// Where messages come from.
    case input
    /// Where results go.
    case output
}
