# SPDX-License-Identifier: Apache-2.0
"""Writes manual pages from the output of `obis-bridge --experimental-dump-help`, one for the program and one per command.

    manual.py VERSION DATE FOLDER

swift-argument-parser's own plugin creates such pages too, but builds the program a second time for that.
"""

import json
import pathlib
import re
import sys


def roff(text):
    """Text with roff's special characters escaped."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def prose(text):
    """Paragraphs; indented lines, and those in a list of examples, keep their format."""
    lines = []
    for line in text.split("\n"):
        if not line.strip():
            lines.append(".PP")
        elif line.startswith("  "):
            lines += [".nf", roff(line), ".fi"]
        else:
            lines.append(roff(line))
    return "\n".join(lines)


def names(argument):
    """`-c`, `--config VALUE`, or `FILE`."""
    value = roff((argument.get("valueName") or "").upper())
    if argument["kind"] == "positional":
        return f"\\fI{value}\\fR"
    spelled = [("--" if name["kind"] == "long" else "-") + name["name"] for name in argument["names"]]
    spelled = ", ".join(f"\\fB{roff(name)}\\fR" for name in spelled)
    return spelled + (f" \\fI{value}\\fR" if argument["kind"] == "option" else "")


def synopsis(argument):
    text = names({**argument, "names": [argument["preferredName"]]} if argument.get("names") else argument)
    text += "..." if argument.get("isRepeating") else ""
    return f"[{text}]" if argument.get("isOptional") else text


def page(path, command, version, date):
    """One page; `path` is the command with its parent commands."""
    title = "-".join(path)
    shown = [argument for argument in command.get("arguments", []) if argument.get("shouldDisplay", True)]
    lines = [
        f'.TH "{roff(title.upper())}" 1 "{date}" "obis\\-bridge {roff(version)}"', ".SH NAME",
        f"{roff(title)} \\- {roff(command['abstract'].rstrip('.'))}", ".SH SYNOPSIS",
        f"\\fB{roff(' '.join(path))}\\fR " + " ".join(synopsis(argument) for argument in shown),
    ]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", prose(command["discussion"])]
    if shown:
        lines.append(".SH OPTIONS")
    for argument in shown:
        lines += [".TP", names(argument), roff(argument.get("abstract") or "")]
        if argument.get("defaultValue"):
            lines.append(f"Default: {roff(argument['defaultValue'])}.")
        if argument.get("allValues"):
            lines.append(f"One of {roff(', '.join(argument['allValues']))}.")
    commands = [sub for sub in command.get("subcommands", []) if sub["commandName"] != "help"]
    if commands:
        lines.append(".SH COMMANDS")
    for sub in commands:
        lines += [".TP", f"\\fB{roff('-'.join([*path, sub['commandName']]))}\\fR(1)", roff(sub["abstract"])]
    if len(path) == 1:
        lines += [".SH FILES", ".TP", "\\fI/etc/obis\\-bridge/bridge.yaml\\fR", "What the service runs with.",
                  ".TP", "\\fI/usr/share/obis\\-bridge\\fR",
                  "The profiles, label dictionaries and mappings that the program contains, to read and to extend.",
                  ".TP", "\\fI/usr/share/doc/obis\\-bridge\\fR", "The manual in full."]
    else:
        lines += [".SH SEE ALSO", "\\fBobis\\-bridge\\fR(1)"]
    return title, "\n".join(lines) + "\n"


def pages(path, command, version, date):
    yield page(path, command, version, date)
    for sub in command.get("subcommands", []):
        if sub["commandName"] != "help" and sub.get("shouldDisplay", True):
            yield from pages([*path, sub["commandName"]], sub, version, date)


def main():
    version, date, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    command = json.load(sys.stdin)["command"]
    for title, text in pages([command["commandName"]], command, version, date):
        (folder / f"{title}.1").write_text(text)


if __name__ == "__main__":
    main()
