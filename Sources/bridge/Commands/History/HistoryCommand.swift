// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Foundation
import Harmonizer
import History
import Machine

/// `history`: the readings that the bridge kept.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Export, describe or shrink the history that the bridge keeps.",
        discussion: """
            Examples:
              obis-bridge history export --step 15m --from 2026-11-01 --to 2026-12-01 > november.csv
              obis-bridge history export house --register energy_import --step 1d --format json
              obis-bridge history export --anonymise > for-somebody-else.csv
              obis-bridge history statistics
              obis-bridge history vacuum

            The file is the one that "history:" of the configuration names; only its owner can read it, so for the service: sudo -u \
            obis-bridge. A running bridge is not disturbed, and has written everything up to a minute ago. What is kept, and who can \
            read it: docs/privacy.md.
            """,
        subcommands: [ExportHistoryCommand.self, HistoryStatisticsCommand.self, VacuumHistoryCommand.self])
}

/// The options that choose the history.
struct HistoryOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration that names the history. \(ConfigurationPath.help)")
    var config: String?
    @Option(help: "The history's file itself, instead.")
    var file: String?

    /// The history's path, and the profile that names registers.
    func place() throws -> (path: String, profile: Profile) {
        if let file { return (file, try Profile()) }
        let config = try ConfigurationPath.required(config)
        let loaded = try ConfigurationLoader().required(path: config)
        guard let settings = loaded.history else {
            throw CommandFailure("\(config) keeps no history: write history: on, or name a file with --file")
        }
        return (settings.path, loaded.profile)
    }

    /// Opens the history.
    func reader() throws -> (HistoryReader, Profile) {
        let (path, profile) = try place()
        return (try HistoryReader(path: path), profile)
    }
}

/// `history statistics`: prints how much is kept.
struct HistoryStatisticsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statistics", abstract: "Print how much is kept of which meter, and how large the file is.")

    @OptionGroup var options: HistoryOptions

    func run() throws {
        let (reader, _) = try options.reader()
        let statistics = try reader.statistics()
        let size = Double(statistics.bytes) / 1_000_000
        try StandardOutput.print(
            "\(String(format: "%.1f", size)) MB, \(statistics.quarters) quarter hours, \(statistics.days) days, "
                + "\(statistics.raw) minutes of single readings")
        for meter in statistics.meters {
            let first = meter.first.description.prefix(10)
            try StandardOutput.print(
                Terminal.escaped("\(meter.name): \(meter.registers) registers since \(first), days in \(meter.zone)"))
        }
    }
}

/// `history vacuum`: shrinks the file.
struct VacuumHistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vacuum",
        abstract: "Give the room of deleted rows back to the disk. The bridge has to be stopped.",
        discussion: """
            A file reuses the room of what was deleted, so this is of use only after "forget", or after a shorter retention. \
            It needs as much free room as the file has.
            """)

    @OptionGroup var options: HistoryOptions

    func run() throws {
        let (path, _) = try options.place()
        let (before, after) = try HistoryReader.vacuum(path: path)
        try StandardOutput.print("\(before) bytes before, \(after) bytes now")
    }
}
