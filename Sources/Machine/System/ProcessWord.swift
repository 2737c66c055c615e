// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What tells this process from another one of the same bridge.
package enum ProcessWord {
    /// Made up at the start.
    package static let mine = String(UInt64.random(in: .min ... .max), radix: 36)

    /// The host's name, as the kernel says. Foundation asks the resolver, which a name server that is away makes wait.
    package static let host: String = {
        var name = [CChar](repeating: 0, count: Int(HOST_NAME_MAX) + 1)
        guard gethostname(&name, name.count) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// True in a container of Docker, Podman, containerd or Kubernetes, whose host name is made up unless somebody gave it one.
    package static func isInContainer(_ environment: [String: String]) -> Bool {
        environment["container"] != nil || environment["KUBERNETES_SERVICE_HOST"] != nil
            || ["/.dockerenv", "/run/.containerenv"].contains { (path: String) in access(path, F_OK) == 0 }
    }

    /// True when a terminal is where errors go to, or commands come from, and no service manager started the process.
    package static func isAtTerminal(_ environment: [String: String]) -> Bool {
        environment["NOTIFY_SOCKET"] == nil && (isatty(STDIN_FILENO) == 1 || isatty(STDERR_FILENO) == 1)
    }
}
