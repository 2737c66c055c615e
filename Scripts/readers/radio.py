# SPDX-License-Identifier: Apache-2.0
"""Wireless M-Bus telegrams without encryption, by EN 13757-4 and -3: the input of wmbusmeters from its radio."""


def number(value, size):
    """A binary number, the lowest byte first."""
    return value.to_bytes(size, "little", signed=True)


def digits(value, size):
    """The same in binary-coded decimal."""
    return bytes.fromhex(f"{value:0{2 * size}d}")[::-1]


def telegram(maker, serial, version, kind, records):
    """Link layer (SND-NR), short transport layer without a key, then records: DIF, VIF, value."""
    first, second, third = (ord(letter) - 64 for letter in maker)
    head = bytes([0x44]) + number(first * 1024 + second * 32 + third, 2) + bytes.fromhex(serial)[::-1]
    content = head + bytes([version, kind, 0x7A, 1, 0, 0, 0]) + b"".join(records)
    return (bytes([len(content)]) + content).hex()


def water(serial, litres):
    return telegram("SEN", serial, 0x68, 0x07, [b"\x04\x13" + number(litres, 4)])


def heat(serial, kilowatt_hours, hundredths):
    return telegram(
        "KAM", serial, 0x30, 0x04, [b"\x04\x06" + number(kilowatt_hours, 4), b"\x04\x14" + number(hundredths, 4)])


def electricity(serial, watt_hours, watts):
    return telegram("APA", serial, 0x02, 0x02, [b"\x0e\x03" + digits(watt_hours, 6), b"\x0b\x2b" + digits(watts, 3)])
