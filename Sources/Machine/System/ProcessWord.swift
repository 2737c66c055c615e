// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Distinguishes this process from another one of the same bridge.
package enum ProcessWord {
    /// A random word, made at the start.
    package static let mine = String(UInt64.random(in: .min ... .max), radix: 36)

    /// The host's name from the kernel. Foundation asks the resolver, which blocks while a name server is down.
    package static let host: String = {
        var name = [CChar](repeating: 0, count: Int(HOST_NAME_MAX) + 1)
        guard gethostname(&name, name.count) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// True in a container of Docker, Podman, containerd or Kubernetes, whose host name is random unless it was
    /// configured.
    package static func isInContainer(_ environment: [String: String]) -> Bool {
        environment["container"] != nil || environment["KUBERNETES_SERVICE_HOST"] != nil
            || ["/.dockerenv", "/run/.containerenv"].contains { (path: String) in access(path, F_OK) == 0 }
    }

    /// True when standard input or standard error is a terminal and the process was not started by a service manager.
    package static func isAtTerminal(_ environment: [String: String]) -> Bool {
        environment["NOTIFY_SOCKET"] == nil && (isatty(STDIN_FILENO) == 1 || isatty(STDERR_FILENO) == 1)
    }
}
