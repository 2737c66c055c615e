// SPDX-License-Identifier: Apache-2.0

/// What stands at a place in bytes that came from outside.
package enum Found<Frame: Sendable & Equatable>: Sendable, Equatable {
    /// A whole frame whose checks are right.
    case frame(Frame)
    /// The beginning of one; nil bytes of the whole when its length has not come yet.
    case open(total: Int?)
    /// A whole frame by its length, with checks that are wrong: damaged on its way.
    case damaged
    /// Something else.
    case nothing
}
