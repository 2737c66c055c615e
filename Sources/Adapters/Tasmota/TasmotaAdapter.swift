// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Tasmota readers with the smart meter (SML, OBIS, DLMS) driver, such as the gPlug.
///
/// Only `Time` is standard in their messages: the author of a script chooses topic, group and labels, and units are not
/// sent. A dictionary, configured or guessed from the labels, contains the meaning of the labels.
struct TasmotaAdapter: Adapter {
    let name: String
    let defaultFilters = ["tele/+/SENSOR", "stat/+/STATUS8", "stat/+/STATUS10", "tele/+/LWT"]
    /// Messages with one value, sent at once, never contain texts, and ids are texts.
    let sendsIDSeparately = true
    /// The driver keeps the last value of each label for as long as it runs.
    let repeatsOldValues = true
    /// The script in the reader defines the units.
    let units = UnitOrigin.script
    let needsLabels = true

    private let labels: LabelDictionary?
    private let groups: [String]
    private let candidates: [LabelDictionary]
    private let pool = LabelPool()

    /// - Parameters:
    ///   - name: `tasmota`, or `gplug`, which guesses among the scripts of gPlugs only.
    ///   - labels: the dictionary that the user named; nil to guess it.
    ///   - groups: the JSON groups with the meter's registers; empty: found by their content.
    ///   - own: the user's dictionaries, which are tried before the shipped ones.
    init(name: String, labels: LabelDictionary?, groups: [String], own: [LabelDictionary]) {
        self.name = name
        self.labels = labels
        self.groups = groups
        candidates = (own + LabelDictionary.shipped).filter { $0.guess.adapters.contains(name) }
    }

    /// The words that the wildcards matched, without the levels that every Tasmota topic has: `tele/gPlug10/SENSOR` and
    /// `stat/gPlug10/STATUS10` are one device, also with `#`.
    func device(of topic: String, captures: [Substring]) -> String {
        TasmotaTopic.device(captures.joined(separator: "/"))
    }

    func makeDecoder() -> any TelegramDecoder {
        TasmotaDecoder(labels: labels, groups: groups, candidates: candidates, pool: pool)
    }

    /// `FullTopic` is configurable, except for its last level.
    func device(recognisedIn message: RawMessage) -> String? {
        TasmotaTopic.isSensors(message.topic) ? TasmotaTopic.device(message.topic) : nil
    }

    func host(in topic: String) -> String? { TasmotaTopic.host(topic) }

    /// The adapter that guesses among the scripts of all readers.
    static let general = "tasmota"
}
