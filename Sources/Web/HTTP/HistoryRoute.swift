// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Harmonizer
import History

/// `GET /v1/meters/ID/history`: answers from the history file, on a thread that may wait for the disk.
struct HistoryRoute: Sendable {
    /// The path of the history; nil without one.
    let path: String?
    /// The register whose alias the parameter `register` is; nil when it is not an alias.
    let aliased: OBISCode?
    let meter: String
    let query: [String: String]
    let now: Timestamp

    /// The maximum number of rows in an answer: a hundred days of quarter hours.
    static let limit = 10_000

    private static let words = ["register", "from", "to", "step", "format", "label"]

    /// A request that cannot be answered, with the reason.
    private struct Fault: Error {
        var status = 400
        var title = "Bad Request"
        var detail: String
    }

    private enum Format: String, CaseIterable { case json, csv }

    /// Reads the history and makes the answer.
    func response() async -> WebResponse {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: answer()) }
        }
    }

    private func answer() -> WebResponse {
        do throws(Fault) {
            let label = try choice("label", HistoryLabel.self) ?? .start
            let format = try choice("format", Format.self) ?? .json
            let table = try table()
            return switch format {
            case .json: WebResponse(body: table.json(label: label))
            case .csv: WebResponse(contentType: "text/csv; charset=utf-8", body: table.csv(label: label))
            }
        } catch {
            return .problem(error.status, error.title, error.detail)
        }
    }

    private func table() throws(Fault) -> HistoryTable {
        if let unknown = query.keys.sorted().first(where: { !Self.words.contains($0) }) {
            throw Fault(
                detail: "unknown parameter \"\(unknown.prefix(100))\"\(NearestWord.hint(unknown, in: Self.words))")
        }
        guard let path else {
            throw Fault(
                status: 404, title: "Not Found", detail: "no history is kept: write history: on in bridge.yaml")
        }
        guard let name = query["register"], !name.isEmpty else {
            throw Fault(
                detail: "name a register, by its code or its alias: ?register=1-0:1.8.0, ?register=energy_import")
        }
        guard let obis = OBISCode(name)?.canonical ?? aliased else {
            throw Fault(detail: "\"\(name.prefix(100))\" is neither the code nor the alias of a register")
        }
        let step = try choice("step", HistoryStep.self) ?? .quarter
        do throws(HistoryReader.Failure) {
            let reader = try HistoryReader(path: path, only: meter)
            let zone = reader.zone(of: meter) ?? .utc
            let to = try instant("to", zone, reader) ?? now
            let from = try instant("from", zone, reader) ?? to - .days(1)
            return try reader.table(meter: meter, register: obis, from: from, to: to, step: step, limit: Self.limit)
        } catch {
            switch error {
            case .unreadable: throw Fault(status: 503, title: "Service Unavailable", detail: "\(error)")
            case .unknownMeter, .unknownRegister: throw Fault(status: 404, title: "Not Found", detail: "\(error)")
            case .tooManyRows, .badQuestion: throw Fault(detail: "\(error)")
            }
        }
    }

    private func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, _ type: Choice.Type
    ) throws(Fault) -> Choice? {
        guard let text = query[key] else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        throw Fault(detail: "\"\(key)\" is one of \(words), not \"\(text.prefix(100))\"")
    }

    private func instant(
        _ key: String, _ zone: Zone, _ reader: HistoryReader
    ) throws(HistoryReader.Failure) -> Timestamp? {
        guard let text = query[key] else { return nil }
        guard let instant = HistoryReader.instant(text, in: zone) else {
            throw .badQuestion(
                "\"\(key)\" is a day (2026-11-29), which begins in the meter's zone, or a time with Z or an offset "
                    + "(2026-11-29T00:00:00Z), not \"\(text.prefix(100))\"")
        }
        return instant
    }
}
