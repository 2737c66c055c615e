// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Machine

/// Mistakes of configuration files, on standard error, one a line as compilers print them.
enum Problems {
    static func report(_ list: ProblemList) {
        for problem in list.sorted { StandardError.line(Terminal.escaped("\(problem)")) }
    }
}
