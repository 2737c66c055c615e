// SPDX-License-Identifier: Apache-2.0

/// The `outputs:` of a configuration, ready for use.
public struct Outputs: Sendable {
    /// An output with the meters it is for.
    struct Entry: Sendable {
        let output: any Output
        /// Topic levels of meters; nil for all.
        let meters: Set<String>?
        let name: String
        let mark: SourceMark

        func concerns(_ meter: String) -> Bool { meters?.contains(meter) ?? true }
    }

    let entries: [Entry]
    /// False when `outputs:` names other outputs and not `harmonized`: then only the harmonised topics that the bridge
    /// itself needs are published.
    public let includesHarmonized: Bool

    /// The harmonised profile alone.
    public static let harmonized = Outputs(entries: [], includesHarmonized: true)

    /// The names of all outputs, the harmonised profile included.
    public static var names: [String] { ["harmonized"] + OutputsReader.types.map { $0.name } }

    /// The names of the outputs besides `harmonized`, in the order of the file.
    public var names: [String] { entries.map(\.name) }

    /// The topic filters that outputs publish on, with the output and the place in the configuration.
    public var filters: [(output: String, filter: String, mark: SourceMark)] {
        entries.flatMap { entry in entry.output.filters.map { (entry.name, $0, entry.mark) } }
    }

    /// The meters that outputs are limited to, with the place in the configuration.
    public var meters: [(output: String, meter: String, mark: SourceMark)] {
        entries.flatMap { entry in (entry.meters ?? []).sorted().map { (entry.name, $0, entry.mark) } }
    }

    /// Topics on which consumers report that they have started.
    public var birthTopics: [String] {
        entries.compactMap(\.output.birthTopic).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Messages about the bridge itself after each connect.
    public func birth() -> [Publication] { entries.flatMap { $0.output.birth() } }

    /// Messages before a clean end.
    public func farewell() -> [Publication] { entries.flatMap { $0.output.farewell() } }
}
