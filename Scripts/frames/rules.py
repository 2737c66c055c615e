# SPDX-License-Identifier: Apache-2.0
"""Why obis-bridge and another parser may differ: each rule has a name, an explanation, and a condition."""

from explained import Rules

# Frames that do not define the meaning of their numbers, so that a user must.
LISTS = {
    "kamstrup-se-list3-wh": "kamstrup-se", "kamstrup-dk-ct-33": "as-sent", "lg-zmf100-hdlc-swapped": "embriq-swapped",
    "compact-array-apdu": "as-sent",
}


rule = Rules()


def is_left_out(row, data):
    return row["link"] in ("tic", "carrier")


def is_segmented(d):
    return d.data[:1] == b"\x7e" and d.data[1] & 0x08


def has_blocks(d):
    return d.data[:1] == b"\x7e" and b"\xe6\xe7\x00\xe0" in d.data[:24]


# --- The whole frame: they do not read it

@rule("amshan reads the lists of Aidon, Kaifa and Kamstrup in HDLC frames, unencrypted, and nothing else")
def scope_of_amshan(d):
    return d.kind == "they-fail" and d.parser == "amshan" and (
        d.error in ("not for such frames", "nothing") or "'int' object has no attribute 'datetime'" in d.error)


@rule("amshan does not know the meter's number as a number (1-1:0.0.1) of Danish Kamstrup meters")
def number_of_the_meter(d):
    return d.kind == "they-fail" and d.parser == "amshan" and d.error == "KeyError: '0.0.1'"


@rule("dlms-cosem reads neither M-Bus nor the wrapper by itself")
def links_of_dlms_cosem(d):
    return d.kind == "they-fail" and d.parser == "dlms-cosem" and d.error == "not for such frames"


@rule("dlms-cosem makes the head anew from what it read, with control 13 and addresses as it knows them, and compares its checksum "
      "with that: other forms fail, though both checksums are right")
def head_of_dlms_cosem(d):
    return d.kind == "they-fail" and d.parser == "dlms-cosem" and d.data[:1] == b"\x7e" and d.error.startswith("HdlcParsingError: HCS")


@rule("dlms-cosem puts no segments together and reads the first as if it were all, some without end")
def segments_of_dlms_cosem(d):
    return d.kind == "they-fail" and d.parser == "dlms-cosem" and is_segmented(d)


@rule("dlms-cosem reads general-glo-ciphering alone, with a notification in it, authentication never alone")
def ciphers_of_dlms_cosem(d):
    return d.kind == "they-fail" and d.parser == "dlms-cosem" and (
        d.data[:1] in (b"\xdd", b"\xdc") or "Expected tag=15 but got 47" in d.error
        or d.row["encrypted"] == "10" and d.error.startswith("DecryptionError"))


@rule("dlms-cosem wants the authentication key of a frame without a tag, too")
def key_without_tag(d):
    return d.kind == "they-fail" and d.parser == "dlms-cosem" and d.row["encrypted"] == "20" and "Key with length 0" in d.error


@rule("a compact array: Gurux prints its values as text, dlms-cosem does not decode it")
def compact_array(d):
    return d.kind == "they-fail" and d.row["name"].startswith("compact-array")


@rule("descriptors without tags (XT211), a tag before the time (Kamstrup of 2017), tags the wrong way round (a published ZMF100): named quirks")
def quirks(d):
    return d.kind == "they-fail" and d.parser in ("gurux-dlms", "dlms-cosem") and d.row["name"] in (
        "egd-apdu", "sagemcom-xt211-apdu", "kamstrup-real-2017", "lg-zmf100-hdlc-swapped")


@rule("Gurux takes HDLC frames with control 10 (Kaifa) for answers to a question")
def control_of_kaifa(d):
    return d.kind == "they-fail" and d.parser == "gurux-dlms" and d.error == "nothing" and d.data[:1] == b"\x7e" and d.data[6] == 0x10


@rule("Gurux reads each segment of a pushed message as a message")
def segments_of_gurux(d):
    return d.parser == "gurux-dlms" and is_segmented(d)


@rule("Gurux fails at general-ciphering with an error of its own (setSystemTitle)")
def general_ciphering_of_gurux(d):
    return d.kind == "they-fail" and d.parser == "gurux-dlms" and d.data[:1] == b"\xdd" and "setSystemTitle" in d.error


@rule("a message that keeps the head of the link layer (E6 E7 00) without its frame")
def head_without_frame(d):
    return d.kind == "they-fail" and d.parser == "gurux-dlms" and d.data[:3] == b"\xe6\xe7\x00"


@rule("a P1 telegram inside the cipher")
def telegram_inside(d):
    return d.kind == "they-fail" and d.row["name"] == "sagemcom-graz-glo-p1"


@rule("Holley's checksum is Kermit, which smllib and pysml do not try by themselves")
def kermit(d):
    return d.kind == "they-fail" and d.parser in ("smllib", "pysml") and "kermit" in d.row["name"]


@rule("smllib wants the end of the last message where fill bytes are missing: the file's checksum and those of its messages are right")
def end_of_smllib(d):
    return d.kind == "they-fail" and d.parser == "smllib" and d.error.startswith("InvalidBufferPos")


# --- The whole frame: we do not read it

@rule("a list without codes of which no table proves the meaning: its numbers are there, what they are is not")
def unproven(d):
    return d.kind == "we-refuse" and set(d.ours.rejected) <= {"list.unproven", "list.unknown"}


# --- One number

@rule("the meter's number, sent as a number: it is the id")
def number_is_id(d):
    return d.kind == "missing" and d.value.code == "1-1:0.0.1"


@rule("a place of a list without codes that no table gives a meaning (the index has none either)")
def nameless_place(d):
    return d.kind == "missing" and d.value.code is None and f"={d.value.number} " not in d.row["registers"] + " "


@rule("a tariff or a switch that is an enumeration or a flag on the wire, and no number")
def enumeration(d):
    return d.kind == "more" and d.value.code == "0-0:96.14.0"


@rule("an M-Bus slot without a device")
def dead_slot(d):
    return d.kind == "missing" and d.value.code and d.value.code[:2] == "0-" and d.value.number == 0


@rule("a counter of zero in a first message is held by the guard, and the reading says so")
def held(d):
    return d.kind == "missing" and d.value.number == 0 and any(
        fix["rule"] == "counter.zero" and any(d.value.code.split(":")[1] in name for name in fix["fields"]) for fix in d.ours.fixes)


@rule("the Swedish meter counts Wh: nothing in the frame says so, a user does (list: kamstrup-se); amshan shows ten times as much")
def swedish_scale(d):
    return d.kind == "value" and d.parser == "amshan" and LISTS.get(d.file) == "kamstrup-se" and ".8.0" in d.value.code


@rule("a positive power of a DZG that is encoded as a negative one, by the direction in its status word; pysml knows it for 16.7.0 alone")
def sign_of_dzg(d):
    return d.kind == "value" and d.file.startswith("sml-dzg") and d.value.number < 0 and not d.found[0].startswith("-")


@rule("the power of an EMH meter with its sign, from the direction in its status word, beside the absolute one")
def sign_of_emh(d):
    return d.kind == "more" and d.value.code == "1-0:16.7.0" and d.file.startswith("sml-emh")
