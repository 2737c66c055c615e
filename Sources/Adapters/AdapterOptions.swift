// SPDX-License-Identifier: Apache-2.0

/// The options of a source in `bridge.yaml` for reading its payloads. Each adapter uses those that concern it.
public struct AdapterOptions: Sendable {
    /// `labels:` a label dictionary, shipped or from the user's file; nil to guess.
    public var labels: LabelDictionary?
    /// `groups:` the JSON groups with the meter's registers (`z`, `SML`, `""`); empty: found by their content.
    public var groups: [String]
    /// `crc:` how the CRC of a P1 telegram is used.
    public var crc: CRCPolicy
    /// `decryption_key:` and `authentication_key:` of a meter that encrypts its telegrams; nil for none.
    public var keys: MeterKeys?

    /// `keys:` and `authentication:` of the adapter `frames`.
    public var frameKeys = FrameKeys()

    /// `list:` the meaning of the meter's list of values; nil to find it out.
    public var lists: [PushList]?

    /// `mapping:` the meaning of the fields of the `json` adapter; nil for every other adapter.
    public var mapping: FieldMapping?

    /// The user's own dictionaries, which are tried before the shipped ones when labels are guessed.
    public var candidates: [LabelDictionary]

    /// Creates options.
    public init(
        labels: LabelDictionary? = nil, groups: [String] = [], crc: CRCPolicy = .repair, keys: MeterKeys? = nil,
        mapping: FieldMapping? = nil, candidates: [LabelDictionary] = []
    ) {
        self.candidates = candidates
        self.mapping = mapping
        self.labels = labels
        self.groups = groups
        self.crc = crc
        self.keys = keys
    }
}
