// SPDX-License-Identifier: Apache-2.0
internal import Wire

/// The kind of frames that a source sends. The first whole frame with correct checks decides it once.
enum FrameKind: String, Sendable, CaseIterable {
    case hdlc, mbus, wrapper, sml, tic, p1
    /// Messages without a frame.
    case message
}

/// One frame or message found in bytes.
enum FrameUnit: Sendable, Equatable {
    case hdlc(HDLCFrame)
    case mbus(MBusFrame)
    case wrapper(WrapperFrame)
    case sml(SMLFile)
    case tic(TICFrame)
    /// A message without a frame, up to `end`.
    case message(end: Int)

    /// The position after it.
    var end: Int {
        switch self {
        case .hdlc(let frame): frame.range.upperBound
        case .mbus(let frame): frame.range.upperBound
        case .wrapper(let frame): frame.range.upperBound
        case .sml(let file): file.range.upperBound
        case .tic(let frame): frame.range.upperBound
        case .message(let end): end
        }
    }

    var kind: FrameKind {
        switch self {
        case .hdlc: .hdlc
        case .mbus: .mbus
        case .wrapper: .wrapper
        case .sml: .sml
        case .tic: .tic
        case .message: .message
        }
    }
}
