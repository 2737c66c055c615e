// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// Appends every publication of these tests to the file that `OBIS_PUBLICATIONS` names, as `topic TAB payload in hexadecimal`:
/// `Scripts/consumers` judges them by the JSON Schema.
enum PublicationRecord {
    private static let file = ProcessInfo.processInfo.environment["OBIS_PUBLICATIONS"]

    static func keep(_ publications: [Publication]) -> [Publication] {
        guard let file, !publications.isEmpty else { return publications }
        let lines = publications.map { publication in
            let digits = publication.payload.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }
            return "\(publication.topic)\t\(digits.joined())\n"
        }
        // One write a call in append mode: lines of parallel tests do not mix.
        let descriptor = open(file, O_WRONLY | O_APPEND | O_CREAT, 0o644)
        guard descriptor >= 0 else { return publications }
        let bytes = Array(lines.joined().utf8)
        _ = write(descriptor, bytes, bytes.count)
        close(descriptor)
        return publications
    }
}
