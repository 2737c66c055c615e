// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// Keeps the message that is being handled in a file that outlives the process. It is written through a memory map,
/// which costs a copy and no system call, and which the kernel keeps however the process dies.
package final class MessageMark: @unchecked Sendable {
    // Unchecked: created on one thread, and used only by the relay's thread afterwards.

    /// The kept part of a message: of a long payload the beginning and the length.
    struct Record: Codable, Equatable, Sendable {
        var topic: String
        var payload: [UInt8]
        var length: Int

        init(topic: String, payload: [UInt8], length: Int) {
            self.topic = topic
            self.payload = payload
            self.length = length
        }

        init(_ message: RawMessage) {
            let room = max(0, MessageMark.room - message.topic.utf8.count)
            self.init(
                topic: message.topic, payload: Array(message.payload.prefix(room)), length: message.payload.count)
        }
    }

    private static let size = 128 << 10
    /// The size of the header: flag, length of the topic, length of the payload.
    private static let header = 16
    /// The bytes that topic and payload share.
    static var room: Int { size - header }

    private let descriptor: Int32
    private let memory: UnsafeMutableRawPointer
    /// The message that the previous process was handling when it ended; nil for none.
    let found: Record?

    /// Why the file cannot be used, as a sentence.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String

        init(_ path: String, _ code: Int32) { description = "\(path): \(String(cString: strerror(code)))" }
    }

    /// - Throws: when the file cannot be created in its full size, or another process has it.
    init(path: String) throws(Fault) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Fault(path, errno) }
        do throws(Fault) {
            memory = try Self.map(descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        found = Self.record(in: memory)
        end()
    }

    private static func map(_ descriptor: Int32, _ path: String) throws(Fault) -> UnsafeMutableRawPointer {
        guard lock(descriptor) else { throw Fault(path, EWOULDBLOCK) }
        // Allocates the disk space now: writing into a hole of a sparse file when the disk is full would end the
        // process (SIGBUS).
        let status = posix_fallocate(descriptor, 0, off_t(size))
        guard status == 0 else { throw Fault(path, status) }
        guard ftruncate(descriptor, off_t(size)) == 0,
            let map = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), map != MAP_FAILED
        else { throw Fault(path, errno) }
        return map
    }

    /// Takes the lock, with retries: an ending process, or a child before its `exec`, may hold it for a moment.
    private static func lock(_ descriptor: Int32) -> Bool {
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            usleep(10_000)
        }
        return false
    }

    deinit {
        munmap(memory, Self.size)
        close(descriptor)
    }

    /// Marks a message as being handled.
    func begin(_ message: RawMessage) {
        end()
        var topic = message.topic
        let topicLength = topic.withUTF8 { bytes -> Int in
            let count = min(bytes.count, Self.room)
            if let start = bytes.baseAddress { memcpy(memory + Self.header, start, count) }
            return count
        }
        message.payload.withUnsafeBytes { bytes in
            let count = min(bytes.count, Self.room - topicLength)
            if let start = bytes.baseAddress { memcpy(memory + Self.header + topicLength, start, count) }
        }
        memory.storeBytes(of: UInt32(topicLength), toByteOffset: 4, as: UInt32.self)
        memory.storeBytes(of: UInt64(message.payload.count), toByteOffset: 8, as: UInt64.self)
        resume()
    }

    /// Marks the last message as being handled again, while its held-back results are made.
    func resume() { memory.storeBytes(of: 1, toByteOffset: 0, as: UInt32.self) }

    /// Marks that no message is being handled.
    func end() { memory.storeBytes(of: 0, toByteOffset: 0, as: UInt32.self) }

    /// Overwrites the rest of the last message, unless a message is being handled.
    func erase() {
        guard memory.load(fromByteOffset: 0, as: UInt32.self) == 0 else { return }
        memset(memory, 0, Self.size)
    }

    private static func record(in memory: UnsafeMutableRawPointer) -> Record? {
        guard memory.load(fromByteOffset: 0, as: UInt32.self) == 1 else { return nil }
        let topicLength = Int(memory.load(fromByteOffset: 4, as: UInt32.self))
        guard topicLength > 0, topicLength <= room,
            let length = Int(exactly: memory.load(fromByteOffset: 8, as: UInt64.self))
        else { return nil }
        let content = UnsafeRawBufferPointer(start: memory + header, count: room)
        let payload = content[topicLength..<min(room, topicLength + min(length, room))]
        return Record(
            topic: String(decoding: content[..<topicLength], as: UTF8.self), payload: Array(payload), length: length)
    }
}
