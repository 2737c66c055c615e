#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds out which functions a running bridge uses, so that the linker can place them together.

    Scripts/package && python3 Scripts/packaging/order.py

Of 24 MB of code a running bridge uses two, scattered over all of it, and the kernel loads 64 kB around each place. This runs the
program of .build-package under callgrind, with a broker and readers of several kinds, and writes the executed functions into
packaging/order.txt, which is committed: the same source gives the same package. A removed or missing name there only costs
memory; once per release is often enough. Needs valgrind, mosquitto, python3-paho-mqtt, and nm and strip of binutils.
"""
import bisect, pathlib, shutil, signal, socket, subprocess, sys, tempfile, time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / ".build-package" / "release" / "obis-bridge"
ORDER = ROOT / "packaging" / "order.txt"


def executed(folder):
    """The addresses of the program's executed instructions."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    (folder / "mosquitto.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    simulate = [sys.executable, ROOT / "Scripts" / "simulate", "--broker", f"localhost:{port}", "--meters", "12"]
    configuration = subprocess.run([*simulate, "--config"], check=True, capture_output=True, text=True).stdout
    (folder / "bridge.yaml").write_text(configuration)
    # Swift symbols are longer than valgrind can read.
    subprocess.run(["strip", "-o", folder / "obis-bridge", PROGRAM], check=True)
    broker = subprocess.Popen(["mosquitto", "-c", folder / "mosquitto.conf"], stderr=subprocess.DEVNULL)
    time.sleep(1)
    with open(folder / "log", "w+") as log:
        bridge = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--dump-instr=yes", "--compress-pos=no", "--compress-strings=no",
             f"--callgrind-out-file={folder}/profile", folder / "obis-bridge", "run", "--config", folder / "bridge.yaml"],
            stdout=log, stderr=log)
        try:
            for _ in range(600):
                if "subscribed" in (folder / "log").read_text():
                    break
                time.sleep(0.2)
            else:
                sys.exit("the bridge did not start:\n" + (folder / "log").read_text())
            subprocess.run([*simulate, "--rate", "4", "--for", "20"], check=True, stdout=subprocess.DEVNULL)
            time.sleep(10)
            bridge.send_signal(signal.SIGTERM)
            bridge.wait(timeout=120)
        finally:
            bridge.kill()
            broker.kill()
    addresses, isProgram = set(), False
    for line in open(folder / "profile"):
        if line.startswith("ob="):
            isProgram = line.rstrip().endswith("/obis-bridge")
        elif isProgram and line.startswith("0x"):
            addresses.add(int(line.split()[0], 16))
    return addresses


def names(addresses):
    """The functions that contain one of the addresses, in address order."""
    functions = {}
    for line in subprocess.run(["nm", "-S", "--defined-only", PROGRAM], check=True, capture_output=True, text=True).stdout.splitlines():
        parts = line.split()
        if len(parts) == 4 and parts[2] in "tTwW":
            functions.setdefault(int(parts[0], 16), (int(parts[1], 16), []))[1].append(parts[3])
    starts = sorted(functions)
    used = set()
    for address in addresses:
        place = bisect.bisect_right(starts, address) - 1
        if place >= 0 and address < starts[place] + functions[starts[place]][0]:
            used.add(starts[place])
    return [name for start in sorted(used) for name in sorted(functions[start][1])]


def main():
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    for tool in ["valgrind", "mosquitto", "nm", "strip"]:
        if not shutil.which(tool):
            sys.exit(f"{tool} is missing")
    if not PROGRAM.exists():
        sys.exit(f"there is no {PROGRAM.relative_to(ROOT)}: Scripts/package makes it")
    with tempfile.TemporaryDirectory() as folder:
        found = names(executed(pathlib.Path(folder)))
    if len(found) < 1000:
        sys.exit(f"only {len(found)} functions: that was no run")
    ORDER.write_text("\n".join(found) + "\n")
    print(f"{ORDER.relative_to(ROOT)}: {len(found)} functions")


if __name__ == "__main__":
    main()
