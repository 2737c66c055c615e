// SPDX-License-Identifier: Apache-2.0

/// What a source may say about the frames of its meters.
public struct FrameOptions: Sendable {
    /// What the CRC of a P1 telegram inside a frame decides.
    public var crc: CRCPolicy
    /// The keys of every meter of the source; nil for none.
    public var keys: MeterKeys?
    /// Keys by system title, and whether frames have to be authenticated.
    public var frameKeys: FrameKeys
    /// What the meter's list of values means; nil to find it out.
    public var lists: [PushList]?

    /// Makes options; without arguments those of a meter that does not encrypt and whose list is to be found out.
    public init(
        crc: CRCPolicy = .repair, keys: MeterKeys? = nil, frameKeys: FrameKeys = FrameKeys(), lists: [PushList]? = nil
    ) {
        self.crc = crc
        self.keys = keys
        self.frameKeys = frameKeys
        self.lists = lists
    }
}
