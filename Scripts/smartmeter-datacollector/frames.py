# SPDX-License-Identifier: Apache-2.0
"""DLMS push telegrams in HDLC frames, as sent by a meter on its customer interface.

From the public standards: the frame (type 3) is IEC 62056-46, DataNotification and the coding of its values are
IEC 62056-5-3, the objects and date-time are IEC 62056-6-2, the codes IEC 62056-6-1.
"""

import struct
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Optional

# Classes of objects: data, register, clock, push set-up.
DATA, REGISTER, CLOCK, PUSH = 1, 3, 8, 40


@dataclass
class Meter:
    """The differences between meters. Serial numbers are made up."""

    name: str
    kind: str  # `type` of a reader in the collector's configuration
    id: Optional[str]
    voltage_factor: int  # the factor by which the meter multiplies volts to send whole numbers
    sends_offset: bool  # Iskra and L+G E360 send the offset from UTC, L+G E450 leaves it undefined


METERS = [
    Meter("e450", "lge450", "LGZ1030999000017", 1, False),
    Meter("am550", "iskraam550", "ISK1030999000024", 10, True),
    Meter("anonymous", "lge450", None, 1, False),
]


@dataclass
class Telegram:
    """One push: the sent values, and the expected readings."""

    meter: Meter
    time: datetime  # with an offset
    has_clock: bool
    has_id: bool
    registers: list = field(default_factory=list)  # (code, number on the wire, value, unit in the harmonised profile)


def telegram(meter: Meter, index: int, time: datetime) -> Telegram:
    """The twelve registers that the Swiss industry profile requires, in its order, rising with `index`.

    Every second telegram of a meter has neither clock nor id, as some network operators configure it; its time is in
    the header of the message.
    """
    voltage = meter.voltage_factor
    swing = index % 5

    def register(code, wire, factor, unit):
        return ("1-0:" + code, wire, Decimal(wire) / factor, unit)

    registers = [
        register("1.8.0", 482_939_017 + 3 * index, 1000, "kWh"),
        register("2.8.0", 0, 1000, "kWh"),
        register("3.8.0", 37_000 + index, 1000, "kvarh"),
        register("4.8.0", 344_697 + 2 * index, 1000, "kvarh"),
        register("1.7.0", 2417 + 11 * swing, 1, "W"),
        register("2.7.0", 0, 1, "W"),
        register("32.7.0", 236 * voltage - swing, voltage, "V"),
        register("52.7.0", 235 * voltage + swing, voltage, "V"),
        register("72.7.0", 237 * voltage, voltage, "V"),
        register("31.7.0", 941 + swing, 100, "A"),
        register("51.7.0", 8, 100, "A"),
        register("71.7.0", 0, 100, "A"),
    ]
    is_complete = meter.id is not None and index % 2 == 0
    return Telegram(meter, time, has_clock=is_complete, has_id=is_complete, registers=registers)


def encoded(telegram: Telegram, sequence: int) -> bytes:
    """The telegram as one HDLC frame."""
    objects = [(PUSH, "0.0.25.9.0.255", None)]
    if telegram.has_id:
        objects.append((DATA, "0.0.42.0.0.255", octets(telegram.meter.id.encode())))
    if telegram.has_clock:
        objects.append((CLOCK, "0.0.1.0.0.255", octets(date_time(telegram))))
    for code, wire, _, _ in telegram.registers:
        value = b"\x12" + struct.pack(">H", wire) if wire < 0x10000 else b"\x06" + struct.pack(">I", wire)
        objects.append((REGISTER, code.replace("-", ".").replace(":", ".") + ".255", value))

    # The first value is the list of the following ones: class, code, attribute, index within the attribute.
    directory = b"\x01" + bytes([len(objects)])
    for kind, code, _ in objects:
        directory += b"\x02\x04\x12" + struct.pack(">H", kind) + octets(bytes(int(part) for part in code.split(".")))
        directory += b"\x0f\x02\x12\x00\x00"
    body = b"\x02" + bytes([len(objects)]) + directory + b"".join(value for _, _, value in objects[1:])

    head = b"" if telegram.has_clock else date_time(telegram)
    while True:
        notification = b"\x0f" + struct.pack(">I", sequence) + bytes([len(head)]) + head + body
        whole = frame(b"\xe6\xe7\x00" + notification)
        # smartmeter-datacollector 2.0.0 loses a frame whose check sequence ends in the flag byte, one in 256: it reads
        # up to that byte, and does not accept the following flag alone as the end.
        if whole[-2:] != b"\x7e\x7e":
            return whole
        sequence += 0x10000


def octets(value: bytes) -> bytes:
    return b"\x09" + bytes([len(value)]) + value


def date_time(telegram: Telegram) -> bytes:
    """The twelve bytes of a date-time; an undefined offset is 0x8000."""
    time = telegram.time
    offset = time.utcoffset()
    deviation, hundredths = -0x8000, 0xFF
    if telegram.meter.sends_offset:
        # IEC 62056-6-2 counts the minutes from local time to UTC.
        deviation, hundredths = -int(offset.total_seconds()) // 60, time.microsecond // 10_000
    status = 0x80 if time.dst() else 0x00
    return struct.pack(
        ">HBBBBBBBhB", time.year, time.month, time.day, time.isoweekday(), time.hour, time.minute, time.second, hundredths,
        deviation, status)


def frame(information: bytes) -> bytes:
    """Frame type 3 with an unnumbered information frame (UI) from the meter to the customer."""
    destination, source, control = b"\x21", b"\x03", b"\x13"
    length = 2 + len(destination + source + control) + 2 + len(information) + 2
    head = struct.pack(">H", 0xA000 | length) + destination + source + control
    head += struct.pack("<H", check(head))
    content = head + information
    return b"\x7e" + content + struct.pack("<H", check(content)) + b"\x7e"


def check(data: bytes) -> int:
    """The frame check sequence of ISO/IEC 13239."""
    remainder = 0xFFFF
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x8408 if remainder & 1 else 0)
    return remainder ^ 0xFFFF
