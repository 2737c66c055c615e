// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// smartmeter-datacollector 0.3 to 2.0 (github.com/scs/smartmeter-datacollector): both of its MQTT sinks.
struct SmartmeterDatacollector: Adapter {
    let name = "smartmeter-datacollector"
    let defaultFilters = ["smartmeter/#", "dt/+/#"]
    /// Its two sinks are two connections, and each serial port has its own topics.
    let splitsReaders = true

    /// The words that the wildcards matched without the last level, which is a type and differs between the messages of
    /// one meter.
    ///
    /// The group of a bundle is kept. Without ids in the telegrams two collectors publish under the same serial port,
    /// and only the group distinguishes them; and the two sinks of one collector are two connections whose messages
    /// arrive interleaved, so a bundle must not come between the registers of a telegram that is still arriving.
    func device(of topic: String, captures: [Substring]) -> String {
        guard let last = captures.last, topic.utf8.suffix(last.utf8.count).elementsEqual(last.utf8),
            last.utf8.count == topic.utf8.count
                || topic.utf8.dropLast(last.utf8.count).last == UInt8(ascii: "/")
        else {
            return captures.joined(separator: "/")
        }
        let id = last.lastIndex(of: "/").map { last[..<$0] }
        return (captures.dropLast() + [id].compactMap(\.self)).joined(separator: "/")
    }

    func makeDecoder() -> any TelegramDecoder { DatacollectorDecoder() }
}
