// SPDX-License-Identifier: Apache-2.0
package import Foundation
import Glibc
import MQTT

/// A serial port, for exclusive use. It is opened for reading only: nothing is ever sent to a meter.
package final class SerialPort: ByteSource {
    private let settings: SerialSettings
    private let ending = Wakeup()
    /// True when systemd started this program, which hides devices from it.
    private let isService: Bool

    package init(_ settings: SerialSettings, isService: Bool = getenv("INVOCATION_ID") != nil) {
        self.settings = settings
        self.isService = isService
    }

    package func end() { ending.signal() }

    package func read(_ report: (ByteEvent) -> Void) -> InputFault? {
        guard ending.descriptor >= 0 else { return InputFault("no file descriptor is left", EMFILE) }
        // O_NONBLOCK: otherwise opening a port would wait for a carrier.
        let descriptor = open(settings.device, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return fault(errno) }
        defer {
            // Ends the exclusive mode.
            _ = ioctl(descriptor, UInt(TIOCNXCL), 0)
            close(descriptor)
        }
        if let fault = configure(descriptor) { return fault }
        var sentence = "listening to \(settings.place)"
        if let stable = SerialPlaces.stableName(of: settings.device) {
            sentence += "; its name may change when it is plugged in again, \(stable) stays"
        }
        report(.opened(sentence))
        var marks = LineMarks()
        var watch = LineWatch(settings)
        let end = StreamGathering(descriptor: descriptor, ending: ending).read { bytes in
            let errors = marks.unmark(&bytes)
            if let sentence = watch.note(bytes, errors: errors) { report(.remark(sentence)) }
        } deliver: { message, received in
            report(.message(message, received: received))
        }
        switch end {
        case .ended: return nil
        case .closed, .failed(EIO), .failed(ENXIO), .failed(ENODEV):
            return InputFault("the port is gone: was it unplugged?")
        case .failed(let code): return InputFault("reading", code)
        }
    }

    // MARK: - Opening

    private func configure(_ descriptor: Int32) -> InputFault? {
        guard isatty(descriptor) == 1 else { return InputFault("this is not a serial port") }
        // `flock` is for programs that check it, the exclusive mode for all others.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, ioctl(descriptor, UInt(TIOCEXCL), 0) == 0 else {
            return Self.isTaken(settings.device)
        }
        guard let speed = SerialSpeed.flags[settings.baud] else { return InputFault("no such speed") }
        var attributes = termios()
        guard tcgetattr(descriptor, &attributes) == 0 else { return InputFault("cannot be set up", errno) }
        cfmakeraw(&attributes)
        let flags = tcflag_t(CSIZE | PARENB | PARODD | CSTOPB) | tcflag_t(CRTSCTS)
        attributes.c_cflag &= ~flags
        attributes.c_cflag |= tcflag_t(CLOCAL | CREAD | (settings.format.dataBits == 7 ? CS7 : CS8))
        if settings.format.parity != .none { attributes.c_cflag |= tcflag_t(PARENB) }
        if settings.format.parity == .odd { attributes.c_cflag |= tcflag_t(PARODD) }
        if settings.format.stopBits == 2 { attributes.c_cflag |= tcflag_t(CSTOPB) }
        // Bytes with wrong parity or framing arrive marked.
        attributes.c_iflag &= ~tcflag_t(IGNBRK | BRKINT | IGNPAR | ISTRIP)
        attributes.c_iflag |= tcflag_t(INPCK | PARMRK)
        cfsetispeed(&attributes, speed)
        cfsetospeed(&attributes, speed)
        guard tcsetattr(descriptor, TCSANOW, &attributes) == 0 else { return InputFault("cannot be set up", errno) }
        var result = termios()
        // tcsetattr succeeds even when it could apply only some of the settings.
        guard tcgetattr(descriptor, &result) == 0, cfgetispeed(&result) == speed else {
            return InputFault("the port does not support \(settings.baud) Bd")
        }
        // Discards bytes that arrived at another speed.
        tcflush(descriptor, TCIFLUSH)
        return nil
    }

    /// Why the port cannot be opened, and what to type.
    package func fault(_ code: Int32) -> InputFault {
        let unit =
            "install the drop-in for serial ports: sudo install -D -m 644 /usr/share/obis-bridge/systemd/serial.conf "
            + "/etc/systemd/system/obis-bridge.service.d/serial.conf, then sudo systemctl daemon-reload && sudo systemctl "
            + "restart obis-bridge"
        switch code {
        case ENOENT, ENXIO, ENODEV:
            let others = SerialPlaces.known.prefix(5)
            var text = "there is no such port"
            if !others.isEmpty {
                text += "; plugged in: \(others.joined(separator: ", "))"
            } else if isService {
                text += "; if it is plugged in, systemd hides it: \(unit)"
            }
            return InputFault(text)
        case EPERM where isService: return InputFault("systemd does not allow it: \(unit)")
        case EACCES, EPERM:
            let user = Self.userName
            guard let group = Self.group(of: settings.device), group != "root" else {
                return InputFault("the user \(user) may not read it: sudo chgrp dialout \(settings.device)")
            }
            let how =
                isService
                ? unit : "sudo usermod -a -G \(group) \(user), then log in again"
            return InputFault("the user \(user) may not read it, its group \(group) may: \(how)")
        case EBUSY: return Self.isTaken(settings.device)
        default: return InputFault("cannot be opened", code)
        }
    }

    private static func isTaken(_ device: String) -> InputFault {
        InputFault("another program reads it: sudo fuser -v \(device) names it")
    }

    private static var userName: String {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return "\(geteuid())" }
        return String(cString: name)
    }

    private static func group(of path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        guard let entry = getgrgid(status.st_gid), let name = entry.pointee.gr_name else {
            return "\(status.st_gid)"
        }
        return String(cString: name)
    }
}

/// The speeds that Linux supports by name.
package enum SerialSpeed {
    package static let flags: [Int: speed_t] = [
        300: speed_t(B300), 600: speed_t(B600), 1200: speed_t(B1200), 2400: speed_t(B2400), 4800: speed_t(B4800),
        9600: speed_t(B9600), 19_200: speed_t(B19200), 38_400: speed_t(B38400), 57_600: speed_t(B57600),
        115_200: speed_t(B115200), 230_400: speed_t(B230400), 460_800: speed_t(B460800), 921_600: speed_t(B921600),
    ]
}

/// Names of serial ports.
enum SerialPlaces {
    /// The folder in which udev names ports by maker and serial number.
    private static let folder = "/dev/serial/by-id"

    /// The connected ports, by their stable names.
    static var known: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().map { "\(folder)/\($0)" }
    }

    /// The stable name of a port that is configured by its number; nil when the name is stable already, or there is
    /// none.
    static func stableName(of device: String) -> String? {
        guard device.hasPrefix("/dev/tty"), let place = real(device) else { return nil }
        return known.first { real($0) == place }
    }

    private static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
