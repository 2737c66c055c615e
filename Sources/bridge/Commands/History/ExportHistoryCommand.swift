// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Harmonizer
import History
import Machine

/// `history export`: prints the history as CSV or JSON.
struct ExportHistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print the history as CSV or JSON.",
        discussion: """
            Without a meter or a register all of them are printed. CSV has one line a span, with the columns of counters (energy, last) \
            and of momentary values (min, mean, max), of which one kind is empty; JSON has one object a register and line, as \
            GET /v1/meters/ID/history answers it.

            --label end names a span by its end, as some utilities do: 10:15 is the quarter hour from 10:00.

            --anonymise calls meters meter-1, meter-2 … and begins counters at 0. Times stay as they are: they tell when somebody is at home.
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument { case csv, json }

    @Argument(help: "The ids of meters; all by default.")
    var meters: [String] = []
    @Option(help: "An OBIS code or an alias; may be given several times.")
    var register: [String] = []
    @Option(help: "The first day (2026-11-01), or an instant with Z or an offset.")
    var from: String?
    @Option(help: "The day after the last, or an instant.")
    var to: String?
    @Option(help: "How long a span is: \(Self.words(HistoryStep.self)); 15m by default.", transform: Self.choice)
    var step = HistoryStep.quarter
    @Option(help: "What is printed.")
    var format = Format.csv
    @Option(
        help: "Which edge names a span: \(Self.words(HistoryLabel.self)); start by default.", transform: Self.choice)
    var label = HistoryLabel.start
    @Flag(help: "Leave out what names a meter, and where its counters stand.")
    var anonymise = false
    @Flag(help: "Print single readings instead of spans, as CSV: those of the last days are kept.")
    var readings = false
    @OptionGroup var options: HistoryOptions

    private static func words<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> String {
        Choice.allCases.map(\.rawValue).joined(separator: ", ")
    }

    @Sendable private static func choice<Choice: RawRepresentable<String> & CaseIterable>(_ text: String) throws
        -> Choice
    {
        if let choice = Choice(rawValue: text) { return choice }
        throw ValidationError("one of \(words(Choice.self)), not \"\(text)\".")
    }

    func run() throws {
        let (reader, profile) = try options.reader()
        let known = reader.meterNames
        if let unknown = meters.first(where: { !known.contains($0) }) {
            throw CommandFailure("there is no history of a meter \"\(unknown)\"\(NearestWord.hint(unknown, in: known))")
        }
        let registers = try register.map { name -> OBISCode in
            let aliased = profile.registers.values.first { $0.alias == name }?.obis
            guard let obis = OBISCode(name)?.canonical ?? aliased else {
                throw ValidationError("\"\(name)\" is neither the code nor the alias of a register.")
            }
            return obis
        }
        let chosen = meters.isEmpty ? known : meters
        if readings {
            try StandardOutput.print("meter,register,time,value")
        } else if format == .csv {
            try StandardOutput.print(HistoryTable.wideHeader(label: label))
        }
        for meter in chosen {
            let name = anonymise ? "meter-\((known.firstIndex(of: meter) ?? 0) + 1)" : meter
            for obis in reader.registers(of: meter) where registers.isEmpty || registers.contains(obis) {
                try export(reader, meter, obis, as: name)
            }
        }
    }

    private func export(_ reader: HistoryReader, _ meter: String, _ obis: OBISCode, as name: String) throws {
        let zone = reader.zone(of: meter) ?? .utc
        let from = try instant(from, "--from", zone) ?? reader.first(of: meter) ?? Timestamp(seconds: 0)
        let to = try instant(to, "--to", zone) ?? Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        if readings {
            let values = try reader.values(meter: meter, register: obis, from: from, to: to)
            let first = anonymise && obis.isCounter ? values.first?.number : nil
            let lines = values.map { value in
                "\(name),\(obis),\(value.time),\(first.flatMap { value.number.subtracting($0) } ?? value.number)\n"
            }
            return try StandardOutput.print(lines.joined(), terminator: "")
        }
        var table = try reader.table(meter: meter, register: obis, from: from, to: to, step: step)
        if anonymise { table.anonymise(as: name) }
        guard !table.rows.isEmpty else { return }
        switch format {
        case .csv: try StandardOutput.print(table.wideLines(label: label), terminator: "")
        case .json: try StandardOutput.print(String(decoding: table.json(label: label), as: UTF8.self))
        }
    }

    private func instant(_ text: String?, _ option: String, _ zone: Zone) throws -> Timestamp? {
        guard let text else { return nil }
        guard let instant = HistoryReader.instant(text, in: zone) else {
            throw ValidationError(
                "\(option) is a day such as 2026-11-01, or a time such as 2026-11-01T00:00:00Z, not \"\(text)\".")
        }
        return instant
    }
}
