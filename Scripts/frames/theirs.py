# SPDX-License-Identifier: Apache-2.0
"""The results of five parsers from PyPI for a meter's frames, in one form: codes with numbers."""

import contextlib
import io
import logging
import signal
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from decimal import Decimal

logging.disable(logging.CRITICAL)


@dataclass
class Value:
    """A number. Code and unit are None when the list does not contain them; `number` is scaled as far as the parser scales it."""

    code: str
    number: Decimal
    unit: str = None
    is_scaled: bool = True

    def __str__(self):
        return f"{self.code or 'a place'}={self.number}{' ' + self.unit if self.unit else ''}"


@dataclass
class Outcome:
    parser: str
    values: list = field(default_factory=list)
    error: str = None


UNITS = {27: "W", 28: "VA", 29: "var", 30: "Wh", 31: "VAh", 32: "varh", 33: "A", 35: "V", 44: "Hz", 8: "°", 13: "m³", 14: "m³", 255: None}


def read(data, key, auth):
    """The results of the parsers for such frames."""
    if is_sml(data):
        parsers = [("smllib", smllib), ("pysml", pysml)]
    else:
        parsers = [("gurux-dlms", gurux), ("dlms-cosem", dlms_cosem), ("amshan", amshan)]
    for name, parser in parsers:
        outcome = Outcome(name)
        signal.signal(signal.SIGALRM, give_up)
        signal.alarm(3)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                outcome.values = parser(data, key, auth)
        except Exception as error:  # pylint: disable=broad-except
            # Any exception of a parser is its answer.
            outcome.error = f"{type(error).__name__}: {error}"[:100]
        else:
            if outcome.values is None:
                outcome.values, outcome.error = [], "not for such frames"
            elif not outcome.values:
                outcome.error = "nothing"
        finally:
            signal.alarm(0)
        # Floats have digits that the meter did not send.
        for value in outcome.values:
            value.number = Decimal(f"{value.number:.12g}")
        yield outcome


def give_up(*_):
    raise TimeoutError("no end after 3 s")


def is_sml(data):
    return data[:4] == b"\x1b" * 4 or data[:1] == b"\x76"


# --- Trees of DLMS: a leaf is an int, bytes or str; a number with a scaler keeps its place

class Enum(int):
    """True for a number that means a unit."""


def registers(tree):
    """Codes with numbers, of a push list, of triples, of a flat list; numbers alone of a list without codes."""
    if isinstance(tree, list) and tree and isinstance(tree[0], list) and tree[0] and all(
            isinstance(item, list) and len(item) >= 4 and is_code(item[1]) for item in tree[0]):
        described = tree[0]
        values = tree if len(described) == len(tree) else [described] + tree[1:] if len(described) + 1 == len(tree) else None
        if values is None:
            return []
        if len(described) + 1 == len(tree):
            values = tree[1:]
        return [
            Value(text_of(item[1]), Decimal(value), None, False) for item, value in zip(described, values)
            if isinstance(value, int) and item[2] in (2, 0) and item[0] != 40]
    flat = list(leaves(tree))
    if not any(is_code(leaf) for leaf in flat):
        return [Value(None, Decimal(leaf), None, False) for leaf in flat if isinstance(leaf, int) and not isinstance(leaf, Enum)]
    found, index = [], 0
    while index < len(flat):
        if is_code(flat[index]) and index + 1 < len(flat) and not is_code(flat[index + 1]):
            value = flat[index + 1]
            scale = flat[index + 2] if index + 2 < len(flat) else None
            if isinstance(value, int):
                if isinstance(scale, tuple):
                    found.append(Value(text_of(flat[index]), Decimal(value).scaleb(scale[0]), UNITS.get(scale[1], "?")))
                else:
                    found.append(Value(text_of(flat[index]), Decimal(value), None, False))
            # A scaler with its unit is skipped.
            index += 1
        index += 1
    return found


def leaves(tree):
    """The leaves in order; a scaler with its unit is one tuple."""
    if isinstance(tree, list):
        if len(tree) == 2 and isinstance(tree[0], int) and isinstance(tree[1], Enum):
            yield tuple(tree)
            return
        for item in tree:
            yield from leaves(item)
    else:
        yield tree


def is_code(leaf):
    return isinstance(leaf, bytes) and len(leaf) == 6 and leaf[5] == 255 and (leaf[0] <= 15 or leaf[0] >= 128)


def text_of(code):
    return f"{code[0]}-{code[1]}:{code[2]}.{code[3]}.{code[4]}"


# --- gurux-dlms

def gurux(data, key, auth):
    from gurux_dlms import GXByteBuffer, GXDLMSTranslator, GXReplyData
    from gurux_dlms.enums import Authentication, InterfaceType, Security
    from gurux_dlms.secure import GXDLMSSecureClient
    # It reads frames of wired M-Bus as answers, not as a meter's pushes: it gets their content.
    data = mbus_content(data) if data[:1] == b"\x68" else data
    kind = {0x7E: InterfaceType.HDLC, 0x00: InterfaceType.WRAPPER}.get(data[0], InterfaceType.PDU)
    client = GXDLMSSecureClient(True, 1, 1, Authentication.NONE, None, kind)
    if key:
        client.ciphering.security = Security.NONE
        client.ciphering.blockCipherKey = key
        if auth:
            client.ciphering.authenticationKey = auth
    buffer, reply, notify, found = GXByteBuffer(data), GXReplyData(), GXReplyData(), []
    while buffer.position < buffer.size:
        place = buffer.position
        client.getData(buffer, reply, notify)
        if not notify.isMoreData() and notify.data.size:
            found += registers(tree_of(ElementTree.fromstring(GXDLMSTranslator().dataToXml(notify.data))))
            notify.clear()
        if buffer.position == place:
            break
    return found


def mbus_content(data):
    """The joined pieces of M-Bus long frames."""
    content, place = b"", 0
    while place + 6 < len(data) and data[place] == 0x68:
        count = data[place + 1] + (256 if data[place + 1] < 5 else 0)
        content += data[place + 9:place + 4 + count]
        place += count + 6
    return content


def tree_of(element):
    if element.tag in ("Structure", "Array"):
        return [tree_of(child) for child in element]
    value = element.get("Value", "")
    if element.tag == "OctetString":
        return bytes.fromhex(value)
    if element.tag == "Enum":
        return Enum(int(value, 16))
    if element.tag in ("Int8", "Int16", "Int32", "Int64"):
        bits = int(element.tag[3:])
        number = int(value, 16)
        return number - (1 << bits) if number >= 1 << bits - 1 else number
    if element.tag in ("UInt8", "UInt16", "UInt32", "UInt64"):
        return int(value, 16)
    if element.tag == "CompactArray":
        raise ValueError("a compact array, which it prints as text")
    return value


# --- dlms-cosem

def dlms_cosem(data, key, auth):
    from dlms_cosem.hdlc.frames import UnnumberedInformationFrame
    from dlms_cosem.protocol.xdlms import DataNotification, GeneralGlobalCipher
    from dlms_cosem.utils import parse_as_dlms_data
    if data[:1] == b"\x68" or data[:2] == b"\x00\x01":
        return None
    found = []
    for apdu in hdlc_frames(data) if data[:1] == b"\x7e" else [data]:
        if data[:1] == b"\x7e":
            apdu = bytes(UnnumberedInformationFrame.from_bytes(apdu).payload)
        apdu = apdu[3:] if apdu[:3] == b"\xe6\xe7\x00" else apdu
        if apdu[:1] == b"\xdb":
            apdu = GeneralGlobalCipher.from_bytes(apdu).to_plain_apdu(key, auth)
        body = DataNotification.from_bytes(apdu).body
        values = parse_as_dlms_data(bytearray(body))
        found += registers(plain(values[0] if len(values) == 1 else values))
    return found


def hdlc_frames(data):
    """Splits frames by their lengths: inside a frame the flag is an ordinary byte."""
    place = 0
    while place + 2 < len(data):
        if data[place] != 0x7E or data[place + 1] >> 4 != 0xA:
            place += 1
            continue
        count = (data[place + 1] & 7) << 8 | data[place + 2]
        yield data[place:place + count + 2]
        place += count + 1


def plain(value):
    """Converts its lists and bytes to ours; a pair of numbers is a scaler with its unit."""
    if isinstance(value, (list, tuple)):
        if len(value) == 2 and all(isinstance(item, int) for item in value) and value[1] in UNITS:
            return [value[0], Enum(value[1])]
        return [plain(item) for item in value]
    return bytes(value) if isinstance(value, (bytes, bytearray)) else value


# --- amshan

def amshan(data, key, auth):
    from han import autodecoder
    from han.hdlc import HdlcFrameReader
    if data[:1] != b"\x7e":
        return None
    reader = HdlcFrameReader(False)
    found = []
    for frame in reader.read(data):
        if not frame.is_good_ffc or not frame.is_expected_length:
            raise ValueError("bad frame")
        decoded = autodecoder.AutoDecoder().decode_message_payload(frame.payload)
        if decoded is None:
            continue
        found += amshan_values(decoded)
    return found


def amshan_values(decoded):
    from han.obis_map import name_obis_map
    found = []
    for name, value in decoded.items():
        if name not in name_obis_map or isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        unit = next((unit for word, unit in (
            ("current", "A"), ("voltage", "V"), ("factor", None), ("reactive_power_import_total", "varh"),
            ("reactive_power_export_total", "varh"), ("reactive", "var"), ("_total", "Wh"), ("power", "W")) if word in name), None)
        found.append(Value("1-0:" + name_obis_map[name][0], Decimal(str(value)), unit))
    return found


# --- SML

def smllib(data, key, auth):
    from smllib import SmlStreamReader
    reader = SmlStreamReader()
    if data[:1] == b"\x76":
        return None
    reader.add(data)
    found = []
    while (frame := reader.get_frame()) is not None:
        for entry in frame.get_obis():
            if isinstance(entry.value, int) and not isinstance(entry.value, bool):
                code = bytes.fromhex(entry.obis)
                found.append(Value(
                    full_text(code), Decimal(entry.value).scaleb(entry.scaler or 0), UNITS.get(entry.unit, None)))
    return found


def full_text(code):
    return text_of(code) + ("" if code[5] == 255 else f"*{code[5]}")


def pysml(data, key, auth):
    import sml
    found, position = [], 0
    if data[:1] == b"\x76":
        return None
    while position < len(data):
        used, frame = sml.SmlBase.parse_frame(data[position:])
        if frame:
            for message in frame:
                body = message.get("messageBody", {})
                for entry in body.get("valList", []) or []:
                    value = entry.get("value")
                    if isinstance(value, (int, float)) and not isinstance(value, bool):
                        code = entry["objName"]
                        code = code[:-4] if code.endswith("*255") else code
                        found.append(Value(code, Decimal(str(value)), str(entry["unit"]) if entry.get("unit") else None))
        if used <= 0:
            break
        position += used
    return found
