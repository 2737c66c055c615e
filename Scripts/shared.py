# SPDX-License-Identifier: Apache-2.0
"""Shared by scripts that run programs and make up telegrams."""
import signal
import subprocess


def end(process: subprocess.Popen, seconds: float = 10):
    """Asks a program to end, and kills it when it does not end in time."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def crc16(data: bytes) -> int:
    """The checksum of a P1 telegram (DSMR P1 5.0.2, 5.2): CRC-16 over everything up to the exclamation mark."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
