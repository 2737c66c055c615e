// SPDX-License-Identifier: Apache-2.0

extension RawTime {
    /// The instant that is meant; nil for an invalid time, and for one outside the years 1 to 9999.
    ///
    /// - Parameters:
    ///   - zone: the zone of the clock that sent it.
    ///   - arrival: when the message came, to choose between two instants with the same local time.
    ///   - ahead: how far the clock may be ahead of the arrival.
    func instant(in zone: Zone, near arrival: Timestamp, ahead: TimeSpan = .minutes(5)) -> Timestamp? {
        let instant: Timestamp? =
            switch self {
            case .instant(let instant): instant
            case .local(let wall): zone.instant(wall, near: arrival, ahead: ahead)
            case .seasonal(let wall, let isSummer):
                wall.instant(offset: zone.standardOffset(wall) + (isSummer ? 3600 : 0))
            case .invalid: nil
            }
        return instant.flatMap { $0.isRepresentable ? $0 : nil }
    }

    /// Passes the bytes of `text`; makes no text of a local time, which nearly every message has.
    func withText(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        switch self {
        case .local(let wall): RFC3339.withText(of: wall, nil, body)
        case .seasonal(let wall, let isSummer): RFC3339.withText(of: wall, Self.letter(isSummer), body)
        case .instant, .invalid:
            var text = text
            text.withUTF8(body)
        }
    }

    private static func letter(_ isSummer: Bool) -> UInt8 { UInt8(ascii: isSummer ? "S" : "W") }

    /// As received, for the `original` of a fix.
    package var text: String {
        switch self {
        case .instant(let instant): instant.description
        case .local(let wall): wall.description
        case .seasonal(let wall, let isSummer): wall.description + (isSummer ? "S" : "W")
        case .invalid(let text): text
        }
    }
}
