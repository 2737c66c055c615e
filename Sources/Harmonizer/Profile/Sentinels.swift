// SPDX-License-Identifier: Apache-2.0

/// The numbers that mean "no value", found without comparing each.
public struct Sentinels: Sendable, Equatable {
    private let list: [Sentinel]
    /// The digits of the sentinels: converting units moves the point and leaves the digits.
    let mantissas: [Int64]

    /// Makes a list.
    public init(_ list: [Sentinel] = []) {
        self.list = list
        mantissas = Set(list.map(\.value.mantissa)).sorted()
    }

    var isEmpty: Bool { list.isEmpty }

    /// These sentinels and others.
    func adding(_ others: Sentinels?) -> Sentinels {
        guard let others, !others.list.isEmpty else { return self }
        return Sentinels(list + others.list)
    }

    func contains(_ number: ExactDecimal, _ unit: Unit?) -> Bool {
        mantissas.contains(number.mantissa) && list.contains { $0.matches(number, unit) }
    }

    /// One or several sentinels of a mapping.
    static func read(_ key: String, _ map: inout YAMLReader) -> Sentinels {
        let problems = map.problems
        return Sentinels(
            (map.texts(key) ?? []).compactMap { text, mark in
                if let sentinel = Sentinel(text) { return sentinel }
                problems.error(
                    mark, "\"\(key)\" is a number with or without its unit, such as 65535 V, not \"\(text)\"")
                return nil
            })
    }
}
