// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// How much longer than usual everything may take: sanitizers slow a program several times.
public enum Patience {
    /// Every time-out of the tests is multiplied with it; `OBIS_TEST_PATIENCE` in the environment, 1 unless told.
    public static let factor = getenv("OBIS_TEST_PATIENCE").flatMap { Int(String(cString: $0)) }.map { max(1, $0) } ?? 1
}
