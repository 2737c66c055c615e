// SPDX-License-Identifier: Apache-2.0

/// Which inputs are wanted: those of the configuration in force. A reload replaces them from the relay's thread, the service
/// follows in its own time, and of several reloads in a row only the last one counts.
package final class InputRoster: Sendable {
    /// Each list that took the place of another, the first one included. For one reader.
    package let lists: AsyncStream<[InputSettings]>
    private let continuation: AsyncStream<[InputSettings]>.Continuation

    package init(_ inputs: [InputSettings]) {
        (lists, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        continuation.yield(inputs)
    }

    package func replace(with inputs: [InputSettings]) { continuation.yield(inputs) }
}
