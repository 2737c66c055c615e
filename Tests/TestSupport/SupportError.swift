// SPDX-License-Identifier: Apache-2.0
/// A test could not set up what it needs.
public struct SupportError: Error, CustomStringConvertible {
    /// What went wrong.
    public let description: String

    init(_ description: String) { self.description = description }
}
