// SPDX-License-Identifier: Apache-2.0

/// The options of a source for the frames of its meters.
public struct FrameOptions: Sendable {
    /// How the CRC of a P1 telegram inside a frame is used.
    public var crc: CRCPolicy
    /// The keys for every meter of the source; nil for none.
    public var keys: MeterKeys?
    /// Keys by system title, and whether frames must be authenticated.
    public var frameKeys: FrameKeys
    /// The meaning of the meter's list of values; nil to find it out.
    public var lists: [PushList]?

    /// Creates options; the defaults are for a meter that does not encrypt, with a list to be found out.
    public init(
        crc: CRCPolicy = .repair, keys: MeterKeys? = nil, frameKeys: FrameKeys = FrameKeys(), lists: [PushList]? = nil
    ) {
        self.crc = crc
        self.keys = keys
        self.frameKeys = frameKeys
        self.lists = lists
    }
}
