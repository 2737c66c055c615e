// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Inputs
@testable import bridge

/// Serial ports, on pseudo terminals: parity, modem lines and real unplugging are not in them.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct SerialPortTests {
    private let folder: TemporaryDirectory
    private let terminal: PseudoTerminal

    init() throws {
        folder = try TemporaryDirectory()
        terminal = try PseudoTerminal(at: "\(folder.path)/usb-meter")
    }

    private func settings(_ baud: Int = 9600, _ format: String = "8N1") throws -> SerialSettings {
        SerialSettings(device: terminal.path, baud: baud, format: try #require(SerialFormat(format)))
    }

    private func open(_ baud: Int = 9600, _ format: String = "8N1") throws -> ByteRecorder {
        let recorder = ByteRecorder(SerialPort(try settings(baud, format)))
        #expect(recorder.waitUntilOpen(), "\(recorder.state.value)")
        return recorder
    }

    @Test(arguments: [300, 1200, 2400, 9600, 115_200, 921_600], ["8N1", "7E1", "8E1"])
    func `every byte comes as it was sent`(baud: Int, format: String) throws {
        let recorder = try open(baud, format)
        // What a line discipline would change: end of file, interrupt, line ends, the byte of the marks.
        let bytes = (0...255).map { UInt8($0) } + [0xFF, 0xFF, 0x00, 0x04, 0x03, 0x0D, 0x0A, 0x11, 0x13]
        terminal.write(bytes)
        #expect(recorder.wait(forBytes: bytes.count))
        #expect(recorder.bytes == bytes)
        recorder.end()
        #expect(recorder.waitForEnd() == nil)
    }

    @Test func `a telegram in many pieces is one message, and the next another one`() throws {
        let recorder = try open()
        for _ in 0..<2 {
            for _ in 0..<20 { terminal.write([UInt8](repeating: 0x55, count: 40)) }
            #expect(recorder.state.wait(seconds: 15) { _ in true })
            usleep(400_000)
        }
        #expect(recorder.wait(forBytes: 1600))
        #expect(recorder.bytes.count == 1600)
        // On a busy machine a pause may come in the midst of one.
        #expect(recorder.messages.count < 20)
    }

    @Test func `two programs do not share a port`() throws {
        let recorder = try open()
        let second = ByteRecorder(SerialPort(try settings()))
        #expect(
            second.waitForEnd()?.description
                == "another program reads it: sudo fuser -v \(terminal.path) names it")
        recorder.end()
        #expect(recorder.waitForEnd() == nil)
        let third = try open()
        terminal.write("x")
        #expect(third.wait(forBytes: 1))
    }

    @Test func `a port that is unplugged is gone, and comes back under its name`() throws {
        let recorder = try open()
        terminal.write("half of a tele")
        #expect(recorder.wait(forBytes: 14))
        terminal.unplug()
        #expect(recorder.waitForEnd()?.description == "the port is gone: was it unplugged?")
        let absent = ByteRecorder(SerialPort(try settings()))
        #expect(absent.waitForEnd()?.description.hasPrefix("there is no such port") == true)
        try terminal.plugIn()
        let again = try open()
        terminal.write("x")
        #expect(again.wait(forBytes: 1))
    }

    @Test func `what is no serial port is not read`() throws {
        let file = try folder.write("file", "text")
        let recorder = ByteRecorder(SerialPort(SerialSettings(device: file, baud: 9600)))
        #expect(recorder.waitForEnd()?.description == "this is not a serial port")
    }

    @Test func `a refusal says what to type`() throws {
        let unit =
            "install the drop-in for serial ports: sudo install -D -m 644 /usr/share/obis-bridge/systemd/serial.conf "
            + "/etc/systemd/system/obis-bridge.service.d/serial.conf, then sudo systemctl daemon-reload && sudo systemctl "
            + "restart obis-bridge"
        let service = SerialPort(try settings(), isService: true)
        #expect(service.fault(EPERM).description == "systemd does not allow it: \(unit)")
        #expect(service.fault(EBUSY).description.hasPrefix("another program reads it"))
        // The group that the system has for terminals.
        let group = try #require(getgrnam("tty")).pointee.gr_gid
        let file = try folder.write("ttyUSB0", "")
        #expect(chown(file, getuid(), group) == 0 || getuid() != 0)
        guard getuid() == 0 else { return }
        let port = SerialPort(SerialSettings(device: file, baud: 9600), isService: false)
        #expect(
            port.fault(EACCES).description
                == "the user root may not read it, its group tty may: sudo usermod -a -G tty root, then log in again")
    }

    @Test func `the shipped drop-in is where the refusal says`() throws {
        let root = DocumentationPage.root.path
        let install = try String(contentsOfFile: "\(root)/packaging/debian/obis-bridge.install", encoding: .utf8)
        #expect(install.contains("serial.conf usr/share/obis-bridge/systemd\n"))
        let unit = try String(contentsOfFile: "\(root)/packaging/systemd/serial.conf", encoding: .utf8)
        #expect(unit.contains("PrivateDevices=false\n"))
        #expect(unit.contains("SupplementaryGroups=dialout\n"))
    }
}

/// The marks of the kernel, and what bytes say about the line.
@Suite struct LineMarkTests {
    /// As the kernel does it.
    private func marked(_ bytes: [(byte: UInt8, isWrong: Bool)]) -> [UInt8] {
        bytes.flatMap { byte, isWrong -> [UInt8] in isWrong ? [0xFF, 0, byte] : byte == 0xFF ? [0xFF, 0xFF] : [byte] }
    }

    @Test func `marks are taken out wherever they are cut`() {
        var random = SplitMix64(state: 23)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                (
                    byte: Bool.random(using: &random) ? 0xFF : UInt8.random(in: 0...255, using: &random),
                    isWrong: Int.random(in: 0..<4, using: &random) == 0
                )
            }
            var rest = marked(bytes)[...]
            var marks = LineMarks()
            var plain: [UInt8] = []
            var errors = 0
            while !rest.isEmpty {
                var piece = Array(rest.prefix(Int.random(in: 1...7, using: &random)))
                rest = rest.dropFirst(piece.count)
                errors += marks.unmark(&piece)
                plain += piece
            }
            #expect(plain == bytes.map(\.byte))
            #expect(errors == bytes.count { $0.isWrong })
        }
    }

    private func sentence(_ format: String, _ bytes: [UInt8], errors: Int = 0) throws -> String? {
        let format = try #require(SerialFormat(format))
        var watch = LineWatch(SerialSettings(device: "/dev/ttyUSB0", baud: 9600, format: format))
        let first = watch.note(bytes, errors: errors)
        if first != nil { #expect(watch.note(bytes, errors: errors) == nil) }
        return first
    }

    private let text = Array(P1Sample.lines.joined(separator: "\r\n").utf8)

    /// Seven bits with a parity bit, read as eight.
    private func withParity(isEven: Bool) -> [UInt8] {
        text.map { $0.nonzeroBitCount % 2 == (isEven ? 0 : 1) ? $0 : $0 | 0x80 }
    }

    @Test func `a parity bit that is read as data is recognised`() throws {
        let even = try sentence("8N1", withParity(isEven: true))
        #expect(
            even == "the eighth bit of every byte is an even parity bit: write format: 7E1 instead of 8N1")
        #expect(try sentence("8N1", withParity(isEven: false))?.contains("write format: 7O1") == true)
    }

    @Test func `bytes that the kernel marked say that the settings are wrong`() throws {
        #expect(
            try sentence("7E1", text, errors: text.count / 2)
                == "\(text.count / 2) of \(text.count) bytes have a wrong parity or framing: the meter does not send 9600 Bd 7E1; "
                + "obis-bridge discover --serial /dev/ttyUSB0 tries the usual settings")
    }

    @Test func `good bytes and a single error say nothing`() throws {
        #expect(try sentence("8N1", text) == nil)
        #expect(try sentence("7E1", text) == nil)
        #expect(try sentence("8N1", text, errors: 1) == nil)
        var random = SplitMix64(state: 7)
        let frames = (0..<4000).map { _ in UInt8.random(in: 0...255, using: &random) }
        #expect(try sentence("8N1", frames) == nil)
        // Few bytes prove nothing.
        #expect(try sentence("8N1", Array(withParity(isEven: true).prefix(50))) == nil)
    }
}
