// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// Mistakes of configuration files, on standard error, one a line as compilers print them.
enum Problems {
    static func report(_ list: ProblemList) {
        for problem in list.sorted { print(error: Terminal.escaped("\(problem)")) }
    }

    static func print(error line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}
