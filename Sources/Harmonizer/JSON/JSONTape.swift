// SPDX-License-Identifier: Apache-2.0

/// The nodes of a document in the order of the wire, with the bytes that they point into.
///
/// A class only so that handing out a value costs one reference count instead of one for each array.
package final class JSONTape: Sendable {
    package let bytes: [UInt8]
    package let nodes: [Node]

    init(bytes: [UInt8], nodes: [Node]) {
        self.bytes = bytes
        self.nodes = nodes
    }

    /// A value: where its text lies, where its key lies, and where the next value on the same level is.
    package struct Node: Sendable {
        var kind: JSONValue.Kind
        /// The text of a number, boolean or string, without quotes. Empty for a value without text; it then tells only
        /// where the value starts.
        var text = ByteRange()
        /// The key of a member, without quotes; empty in an array and at the root.
        var key = ByteRange()
        /// The index behind the last node of this value.
        var next: Int32
    }

    /// A part of the payload.
    package struct ByteRange: Sendable {
        var start: Int32 = 0
        var end: Int32 = 0
        /// True when the bytes hold a backslash, so that they are not the text itself.
        var hasEscapes = false
    }
}
