// SPDX-License-Identifier: Apache-2.0

/// The inputs of the current configuration. A reload replaces them from the relay's thread; the service follows later,
/// and of several reloads in a row only the last one counts.
package final class InputRoster: Sendable {
    /// The first list and each later one. For one reader.
    package let lists: AsyncStream<[InputSettings]>
    private let continuation: AsyncStream<[InputSettings]>.Continuation

    package init(_ inputs: [InputSettings]) {
        (lists, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        continuation.yield(inputs)
    }

    package func replace(with inputs: [InputSettings]) { continuation.yield(inputs) }
}
