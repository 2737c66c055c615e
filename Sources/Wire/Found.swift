// SPDX-License-Identifier: Apache-2.0

/// The result of looking for a frame at one position in received bytes.
package enum Found<Frame: Sendable & Equatable>: Sendable, Equatable {
    /// A whole frame with correct checks.
    case frame(Frame)
    /// The beginning of a frame; `total` is its size in bytes, nil while its length has not arrived.
    case open(total: Int?)
    /// A frame that is whole by its length but fails its checks: damaged in transit.
    case damaged
    /// Not a frame.
    case nothing
}
