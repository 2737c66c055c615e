// SPDX-License-Identifier: Apache-2.0

/// Where HTTP is to be answered: what the configuration in force says. A reload replaces it from the relay's thread, the
/// service follows in its own time, and of several reloads in a row only the last one counts.
final class WebRoster: Sendable {
    /// Each address that took the place of another, the first one included; nil for nowhere. For one reader.
    let addresses: AsyncStream<ListenAddress?>
    private let continuation: AsyncStream<ListenAddress?>.Continuation

    init(_ address: ListenAddress?) {
        (addresses, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        continuation.yield(address)
    }

    func replace(with address: ListenAddress?) { continuation.yield(address) }
}
