// SPDX-License-Identifier: Apache-2.0

/// The share of the devices that one process handles where several subscribe to the same topics: `K/N`, process K of N,
/// counted from 0.
///
/// It follows from the device's name alone, so nothing coordinates the processes, and a process that is replaced handles the
/// same devices as before. A message of another share is acknowledged unread.
public struct Partition: Sendable, Equatable, LosslessStringConvertible {
    /// The number of this process, 0…`count` - 1.
    public let index: Int
    /// The number of processes, 1…1024.
    public let count: Int

    /// One process for all.
    public static let whole = Partition()

    private init() {
        index = 0
        count = 1
    }

    /// Reads `0/8`; nil unless the text is `index/count`.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]), (1...1024).contains(count),
            (0..<count).contains(index)
        else { return nil }
        self.index = index
        self.count = count
    }

    /// `0/8`.
    public var description: String { "\(index)/\(count)" }

    /// True when this process handles the device of that name. Two readers of one meter are in one share only where their
    /// devices have the same name.
    public func contains(device: String) -> Bool {
        guard count > 1 else { return true }
        var checksum = Checksum()
        checksum.combine(device.utf8)
        // The low bits of FNV-1a follow from the low bits of the bytes.
        return Int(checksum.value >> 32 ^ checksum.value & 0xffff_ffff) % count == index
    }
}
