// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A program started with posix_spawn; its output is collected line by line.
///
/// It inherits no descriptors and is killed when this object goes. When the test process is killed, a watchdog shell
/// kills it.
public final class ChildProcess: Sendable {
    /// The program's output and its end.
    public struct Output: Sendable {
        /// Complete lines of standard output and standard error.
        public var lines: [String] = []
        /// The exit code, or 128 and the signal.
        public var exitCode: Int32?
    }

    /// The output so far.
    public let output = Monitor(Output())
    /// Its process id.
    public let processID: Int32
    private let watchdog: (process: pid_t, pipe: Int32)?

    /// Starts a program; `arguments` do not include its name.
    ///
    /// - Parameter reader: receives the lines as they arrive, which are then not kept; called on a thread of its own.
    public init(
        _ program: String, _ arguments: [String], input: [UInt8]? = nil, reader: (@Sendable ([String]) -> Void)? = nil
    ) throws {
        let output = try Pipe()
        let standardInput = try Pipe()
        processID = try Self.spawn(program, arguments, input: standardInput.readEnd, output: output.writeEnd)
        close(output.writeEnd)
        close(standardInput.readEnd)
        if let input { _ = write(standardInput.writeEnd, input, input.count) }
        close(standardInput.writeEnd)
        watchdog = try Self.watch(processID)
        let (monitor, processID) = (self.output, processID)
        _ = TestThread { Self.collect(from: output.readEnd, of: processID, into: monitor, reader) }
    }

    deinit {
        if output.value.exitCode == nil { kill(SIGKILL) }
        _ = output.wait { $0.exitCode != nil }
        guard let watchdog else { return }
        // A line tells the watchdog to end without killing.
        _ = write(watchdog.pipe, "\n", 1)
        close(watchdog.pipe)
        var status: Int32 = 0
        waitpid(watchdog.process, &status, 0)
    }

    /// Sends a signal.
    public func kill(_ signal: Int32) { _ = Glibc.kill(processID, signal) }

    /// Waits for the end of the program; nil when it has not ended in time.
    public func wait(seconds: Double = 15) -> Int32? {
        _ = output.wait(seconds: seconds) { $0.exitCode != nil }
        return output.value.exitCode
    }

    /// Waits until the output lines satisfy the predicate.
    public func wait(seconds: Double = 15, forLines predicate: ([String]) -> Bool) -> Bool {
        output.wait(seconds: seconds) { predicate($0.lines) }
    }

    // MARK: Plumbing

    private typealias CloseFrom =
        @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

    /// glibc's `posix_spawn_file_actions_addclosefrom_np`, which Swift's Glibc does not export.
    private static let closeFrom: CloseFrom? = {
        dlsym(nil, "posix_spawn_file_actions_addclosefrom_np").map { unsafeBitCast($0, to: CloseFrom.self) }
    }()

    private struct Pipe {
        let readEnd: Int32
        let writeEnd: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            // Swift's Glibc has no pipe2, and a pipe that is made close-on-exec later leaks into a child spawned
            // meanwhile.
            let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw SupportError("no pipe: errno \(errno)") }
            (readEnd, writeEnd) = (ends[0], ends[1])
        }
    }

    private static func watch(_ processID: pid_t) throws -> (pid_t, Int32) {
        let pipe = try Pipe()
        // End of file without a line means that the test process is gone.
        let script = "read line || kill -9 \(processID)"
        let watchdog = try spawn("/bin/sh", ["-c", script], input: pipe.readEnd, output: 2)
        close(pipe.readEnd)
        return (watchdog, pipe.writeEnd)
    }

    private static func spawn(_ program: String, _ arguments: [String], input: Int32, output: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // An inherited socket would keep a connection open that the test has closed.
        _ = closeFrom?(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var argv = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var processID: pid_t = 0
        let status = posix_spawnp(&processID, program, &actions, &attributes, &argv, environ)
        guard status == 0 else { throw SupportError("\(program): \(String(cString: strerror(status)))") }
        return processID
    }

    private static func collect(
        from descriptor: Int32, of processID: pid_t, into output: Monitor<Output>,
        _ reader: (@Sendable ([String]) -> Void)?
    ) {
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest += buffer[..<count]
            var lines: [String] = []
            while let end = rest.firstIndex(of: 10) {
                lines.append(String(decoding: rest[..<end], as: UTF8.self))
                rest.removeSubrange(...end)
            }
            guard !lines.isEmpty else { continue }
            if let reader { reader(lines) } else { output.withLock { $0.lines += lines } }
        }
        close(descriptor)
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
        let last = rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
        let signal = status & 0x7f
        output.withLock {
            if let last { $0.lines.append(last) }
            $0.exitCode = signal == 0 ? (status >> 8) & 0xff : 128 + signal
        }
    }
}
