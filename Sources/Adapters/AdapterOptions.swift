// SPDX-License-Identifier: Apache-2.0

/// What a source in `bridge.yaml` may say about how its payloads are to be read. Each adapter takes what concerns it.
public struct AdapterOptions: Sendable {
    /// `labels:` the name of a shipped label dictionary, or nil to guess. The dictionary itself when the user wrote a file.
    public var labels: LabelDictionary?
    /// `groups:` the JSON groups that hold the meter's registers (`z`, `SML`, `""`); empty: found by their content.
    public var groups: [String]
    /// `crc:` what the CRC of a P1 telegram decides.
    public var crc: CRCPolicy
    /// `decryption_key:` and `authentication_key:` of a meter that encrypts its telegrams; nil for none.
    public var keys: MeterKeys?

    /// `keys:` and `authentication:` of the adapter `frames`.
    public var frameKeys = FrameKeys()

    /// `list:` what the meter's list of values means; nil to find it out.
    public var lists: [PushList]?

    /// `mapping:` what the fields of the `json` adapter mean; nil for every other adapter.
    public var mapping: FieldMapping?

    /// Dictionaries of the user's own among which labels may be guessed, before the shipped ones.
    public var candidates: [LabelDictionary]

    /// Makes options.
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
