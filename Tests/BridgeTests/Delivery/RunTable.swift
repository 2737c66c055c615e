// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The rows that `Scripts/kill` and `Scripts/brokers --misbehave` show while the tests run: what a test prints comes at its end.
enum RunTable {
    /// Prints a row, and adds it to the file that the script shows.
    static func report(_ row: String) {
        print(row)
        guard let path = ProcessInfo.processInfo.environment["OBIS_KILL_TABLE"],
            let table = FileHandle(forWritingAtPath: path)
        else { return }
        table.seekToEndOfFile()
        table.write(Data("\(row)\n".utf8))
    }

    /// A whole number in the environment.
    static func setting(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
}
