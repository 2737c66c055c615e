// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The factor by which everything may take longer: sanitizers slow a program several times.
public enum Patience {
    /// Multiplies every time-out of the tests; `OBIS_TEST_PATIENCE` in the environment, default 1.
    public static let factor = getenv("OBIS_TEST_PATIENCE").flatMap { Int(String(cString: $0)) }.map { max(1, $0) } ?? 1
}
