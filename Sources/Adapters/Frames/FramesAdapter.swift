// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// The meter's own frames: DLMS over HDLC, M-Bus, TCP and UDP, SML, and the port of French meters, as they are or in what
/// readers wrap them in.
public struct FramesAdapter: Adapter {
    /// `frames`.
    public let name = "frames"

    /// None: every reader lets its user choose the topic.
    public let defaultFilters: [String] = []

    let options: FrameOptions

    /// Makes an adapter.
    public init(_ options: FrameOptions) { self.options = options }

    /// A decoder that finds out what kind of frames come and puts their pieces together.
    public func makeDecoder() -> any TelegramDecoder { FramesDecoder(options: options) }
}
