// SPDX-License-Identifier: Apache-2.0

/// A value that few of thousands of meters or devices have: a pointer when it is absent, and memory of its own when it
/// is there.
@propertyWrapper struct Rare<Value: Sendable>: Sendable {
    /// At most one value.
    private var storage: [Value]

    init(wrappedValue: Value?) { storage = wrappedValue.map { [$0] } ?? [] }

    var wrappedValue: Value? {
        get { storage.first }
        set { storage = newValue.map { [$0] } ?? [] }
        _modify {
            var value = storage.popLast()
            defer {
                if let value { storage.append(value) } else { storage = [] }
            }
            yield &value
        }
    }
}
