// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
    /// These bytes with one to five faults of transport or memory: bytes changed, lost, duplicated or invented, the end
    /// cut off.
    ///
    /// - Parameter marks: special characters of the format, to be inserted at wrong positions.
    public func damaged(marks: String, using random: inout SplitMix64) -> [UInt8] {
        var bytes = self
        for _ in 0...Int.random(in: 0...4, using: &random) {
            let index = Int.random(in: 0...bytes.count, using: &random)
            let length = Swift.min(Int.random(in: 0...40, using: &random), bytes.count - index)
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where index < bytes.count: bytes[index] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(index..<(index + length))
            case 2: bytes.insert(contentsOf: bytes[index..<(index + length)], at: index)
            case 3: bytes.insert(contentsOf: [UInt8](repeating: 0xFF, count: length), at: index)
            case 4: bytes.insert(marks.utf8.randomElement(using: &random) ?? 0, at: index)
            default: bytes.removeSubrange(index...)
            }
        }
        return bytes
    }
}
