// SPDX-License-Identifier: Apache-2.0
/// An error in the setup of a test.
public struct SupportError: Error, CustomStringConvertible {
    /// A description of the error.
    public let description: String

    /// Creates an error.
    public init(_ description: String) { self.description = description }
}
