# SPDX-License-Identifier: Apache-2.0
"""Writes the frames of meters: DLMS, M-Bus, SML and the port of French meters, from their specifications.

No code comes from obis-bridge, so that its tests read frames of another program.
"""

import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def crc16(data, start=0xFFFF, final=0xFFFF):
    """Reflected, polynomial 8408; the default is X.25."""
    crc = start
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc ^ final


def kermit(data):
    return crc16(data, 0, 0)


# A-XDR

def length(count):
    return bytes([count]) if count < 128 else bytes([0x81, count]) if count < 256 else b"\x82" + count.to_bytes(2, "big")


def octets(data):
    return b"\x09" + length(len(data)) + data


def text(words):
    return b"\x0a" + length(len(words)) + words.encode()


def u8(value):
    return b"\x11" + bytes([value])


def u16(value):
    return b"\x12" + value.to_bytes(2, "big")


def u32(value):
    return b"\x06" + value.to_bytes(4, "big")


def i8(value):
    return b"\x0f" + struct.pack(">b", value)


def i16(value):
    return b"\x10" + struct.pack(">h", value)


def enum(value):
    return b"\x16" + bytes([value])


def structure(*elements):
    return b"\x02" + length(len(elements)) + b"".join(elements)


def array(*elements):
    return b"\x01" + length(len(elements)) + b"".join(elements)


def obis(code):
    """1-0:1.8.0 as six bytes."""
    groups = [int(part) for part in code.replace("-", ".").replace(":", ".").split(".")]
    return bytes(groups + [255])


UNITS = {"W": 27, "VA": 28, "var": 29, "Wh": 30, "varh": 32, "A": 33, "V": 35, "Hz": 44, "": 255}


def clock(year, month, day, hour, minute, second, deviation=None, status=0):
    offset = 0x8000 if deviation is None else deviation & 0xFFFF
    return struct.pack(">HBBBBBBBHB", year, month, day, 0xFF, hour, minute, second, 0xFF, offset, status)


def scaled(code, value, scaler, unit):
    """A structure with code, value, scaler and unit."""
    return structure(octets(obis(code)), value, structure(i8(scaler), enum(UNITS[unit])))


# Messages

def notification(body, time=b"", invoke=0x40000000):
    return b"\x0f" + invoke.to_bytes(4, "big") + bytes([len(time)]) + time + body


def ciphered(content, key, authentication_key, title, counter, control=0x30, kind=0xDB):
    counter = counter.to_bytes(4, "big")
    suite_tag = control & 0x10
    encryptor = Cipher(algorithms.AES(key), modes.GCM(title + counter)).encryptor()
    fields = b""
    if kind == 0xDD:
        fields = b"\x00" + bytes([len(title)]) + title + b"\x00\x00\x00"
    additional = bytes([control]) + authentication_key + fields
    if control & 0x20:
        if suite_tag:
            encryptor.authenticate_additional_data(additional)
        sent = encryptor.update(content) + encryptor.finalize()
    else:
        encryptor.authenticate_additional_data(additional + content)
        encryptor.finalize()
        sent = content
    body = bytes([control]) + counter + sent + (encryptor.tag[:12] if suite_tag else b"")
    head = fields + b"\x00" if kind == 0xDD else bytes([len(title)]) + title
    return bytes([kind]) + head + length(len(body)) + body


def block(piece, number, is_last):
    return b"\xe0" + bytes([0xC0 if is_last else 0x40]) + number.to_bytes(2, "big") + b"\x00\x00" + length(len(piece)) + piece


# Frames

def hdlc(information, is_segmented=False, destination=b"\x41", source=b"\x88\x83"):
    head_size = 2 + len(destination) + len(source) + 1 + 2
    count = head_size + len(information) + 2
    head = (0xA000 | (0x800 if is_segmented else 0) | count).to_bytes(2, "big") + destination + source + b"\x13"
    head += crc16(head).to_bytes(2, "little")
    body = head + information
    return b"\x7e" + body + crc16(body).to_bytes(2, "little") + b"\x7e"


LLC = b"\xe6\xe7\x00"


def segmented(message, size):
    """One message in HDLC segments of at most `size` bytes."""
    data = LLC + message
    pieces = [data[index:index + size] for index in range(0, len(data), size)]
    return [hdlc(piece, index < len(pieces) - 1) for index, piece in enumerate(pieces)]


def blocks(message, size):
    """One message in blocks, each in an HDLC frame of its own."""
    pieces = [message[index:index + size] for index in range(0, len(message), size)]
    return [
        hdlc((LLC if index == 0 else b"") + block(piece, index + 1, index == len(pieces) - 1))
        for index, piece in enumerate(pieces)
    ]


def mbus(message, size=245):
    """One message in M-Bus long frames with at most `size` bytes of it per frame."""
    pieces = [message[index:index + size] for index in range(0, len(message), size)]
    frames = []
    for number, piece in enumerate(pieces):
        control = number | (0x10 if number == len(pieces) - 1 else 0)
        body = bytes([0x53, 0xFF, control, 0x01, 0x67]) + piece
        count = len(body) & 0xFF
        frames.append(bytes([0x68, count, count, 0x68]) + body + bytes([sum(body) & 0xFF, 0x16]))
    return frames


def wrapper(message):
    return struct.pack(">HHHH", 1, 1, 16, len(message)) + message


# SML

def sml_octets(data):
    if len(data) + 1 < 16:
        return bytes([len(data) + 1]) + data
    count = len(data) + 2
    return bytes([0x80 | count >> 4, count & 15]) + data


def sml_number(value, size, signed=False):
    return bytes([(0x50 if signed else 0x60) | size + 1]) + value.to_bytes(size, "big", signed=signed)


def sml_list(*elements):
    count = len(elements)
    head = bytes([0x70 | count]) if count < 16 else bytes([0xF0 | count >> 4, count & 15])
    return head + b"".join(elements)


NONE = b"\x01"


def sml_entry(code, value, unit=None, scaler=None, status=NONE, time=NONE):
    groups = obis(code) if "*" not in code else obis(code.split("*")[0])[:5] + bytes([int(code.split("*")[1])])
    return sml_list(
        sml_octets(groups), status, time, NONE if unit is None else sml_number(UNITS[unit], 1),
        NONE if scaler is None else sml_number(scaler, 1, True), value, NONE)


def sml_message(tag, body, number, checksum):
    message = b"\x76" + sml_octets(number.to_bytes(4, "big")) + b"\x62\x00\x62\x00" + sml_list(sml_number(tag, 2), body)
    crc = checksum(message)
    return message + sml_number(crc if checksum is crc16 else crc, 2) + b"\x00"


def sml_file(server, entries, checksum=crc16):
    opening = sml_list(NONE, NONE, sml_octets(b"\x00\x01"), sml_octets(server), NONE, NONE)
    time = sml_list(sml_number(1, 1), sml_number(123456, 4))
    values = sml_list(NONE, sml_octets(server), sml_octets(obis("1-0:98.0.0")), time, sml_list(*entries), NONE, NONE)
    messages = sml_message(0x101, opening, 1, checksum) + sml_message(0x701, values, 2, checksum)
    messages += sml_message(0x201, sml_list(NONE), 3, checksum)
    fill = -len(messages) % 4
    data = b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01"
    for index in range(0, len(messages), 4):
        part = messages[index:index + 4]
        data += part + (part if part == b"\x1b\x1b\x1b\x1b" else b"")
    data += bytes(fill) + b"\x1b\x1b\x1b\x1b\x1a" + bytes([fill])
    crc = checksum(data)
    return data + crc.to_bytes(2, "little" if checksum is crc16 else "big")


# The port of French meters

def tic(groups, separator="\t"):
    out = b"\x02"
    for fields in groups:
        line = separator.join(fields)
        summed = line + separator if separator == "\t" else line
        check = chr((sum(summed.encode()) & 0x3F) + 0x20)
        out += b"\n" + (line + separator + check).encode() + b"\r"
    return out + b"\x03"
