// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

private let compiler = ["/usr/bin/cc", "/usr/bin/clang", "/usr/bin/gcc"].first {
    FileManager.default.isExecutableFile(atPath: $0)
}

/// A system that refuses what it usually gives. A library in front of the others answers in its place.
///
/// A sanitizer wants to be the first of them.
@Suite(.timeLimit(.minutes(12 * Patience.factor)), .enabled(if: compiler != nil && Patience.factor == 1))
struct HostileSystemTests {
    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <mosquitto.h>
        #include <pthread.h>
        #include <stdlib.h>
        #include <unistd.h>
        // While the file is there, which NO_THREADS names.
        int pthread_create(pthread_t *t, const pthread_attr_t *a, void *(*f)(void *), void *x) {
            static int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
            const char *file = getenv("NO_THREADS");
            if (file && access(file, F_OK) == 0) return EAGAIN;
            if (!next) next = dlsym(RTLD_NEXT, "pthread_create");
            return next(t, a, f, x);
        }
        // As libmosquitto 1.6 answers, which does not know the option.
        int mosquitto_int_option(struct mosquitto *m, enum mosq_opt_t option, int value) {
            static int (*next)(struct mosquitto *, enum mosq_opt_t, int);
            if (getenv("NO_SYSTEM_CERTIFICATES") && option == MOSQ_OPT_TLS_USE_OS_CERTS) return MOSQ_ERR_INVAL;
            if (!next) next = dlsym(RTLD_NEXT, "mosquitto_int_option");
            return next(m, option, value);
        }
        """

    private func library(in folder: TemporaryDirectory) throws -> String {
        let source = try folder.write("refuse.c", Self.source)
        let library = "\(folder.path)/refuse.so"
        let compilation = try ChildProcess(
            try #require(compiler), ["-shared", "-fPIC", "-o", library, source, "-ldl"])
        #expect(compilation.wait(seconds: 60) == 0, "\(compilation.output.value.lines)")
        return library
    }

    @Test func `without the system's certificates no password is sent in clear`() throws {
        let folder = try TemporaryDirectory()
        let library = try library(in: folder)
        let broker = try FakeBroker()
        let file = try folder.write(
            "bridge.yaml",
            """
            broker: {url: "mqtts://localhost:\(broker.port)", username: u, password: "${SECRET}"}
            sources: {g: {adapter: gplug, zone: UTC}}
            """)
        let check = try ChildProcess(
            "/usr/bin/env",
            [
                "LD_PRELOAD=\(library)", "NO_SYSTEM_CERTIFICATES=1", "SECRET=hunter2", RunningBridge.program, "check",
                "--config", file, "--connect",
            ])
        #expect(check.wait(seconds: 60) == 69)
        let lines = check.output.value.lines
        #expect(lines.contains { $0.contains("using the certificates of the system failed") }, "\(lines)")
        #expect(broker.entries.isEmpty, "it logged in, in clear")
    }

    @Test func `a system without threads is waited for`() throws {
        let folder = try TemporaryDirectory()
        let library = try library(in: folder)
        let broker = try MosquittoBroker()
        let none = "\(folder.path)/none"
        let bridge = try RunningBridge(
            "bridge: test\nbroker: mqtt://localhost:\(broker.port)\n"
                + "sources: {g: {adapter: gplug, labels: gplug-d, zone: UTC, subscribe: tele/g/SENSOR, meter: house}}",
            environment: ["LD_PRELOAD": library, "NO_THREADS": none])
        try folder.write("none", "")
        try broker.restart()
        #expect(bridge.wait(forLog: "starting a thread to connect to localhost:\(broker.port) failed"), "\(bridge.log)")
        unlink(none)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/house/reading"])
        for _ in 0..<600 where output.messages.isEmpty {
            try mosquittoPub(port: broker.port, topic: "tele/g/SENSOR", payload: #"{"z":{"Pi":0.4}}"#)
            Thread.sleep(forTimeInterval: 0.1)
        }
        #expect(!output.messages.isEmpty, "\(bridge.log)")
        #expect(bridge.stop() == 0)
    }
}
