// SPDX-License-Identifier: Apache-2.0
import Adapters
package import Harmonizer

/// Replaces serials and host names by made-up ones of the same shape, consistently in topics, payloads and
/// configuration.
///
/// The report is made from the anonymised recording, so that the two agree. The new names are numbered in the order in
/// which the old ones appeared: the same recording gives the same names, and no new name contains anything of an old
/// one.
package struct Anonymiser {
    private let replacement: ByteReplacement

    /// - Parameter setup: the setup whose sources read the recording.
    package init(_ messages: [RawMessage], _ setup: PlugTestSetup) {
        var run = PlugTestRun(setup)
        for message in messages { run.take(message) }
        var names = MadeUpNames()
        for serial in run.serials { names.add(serial: serial) }
        for message in messages {
            if let host = run.adapter(of: message.topic)?.host(in: message.topic) { names.add(host: host) }
            for found in HostNames.values(in: message.payload) { names.add(found) }
        }
        replacement = ByteReplacement(names.pairs)
    }

    // MARK: - What is replaced

    package func message(_ message: RawMessage) -> RawMessage {
        var result = message
        result.topic = text(message.topic)
        result.payload = replacement.applied(to: message.payload)
        if result.payload != message.payload {
            result.payload = TelegramChecksum.restored(result.payload, from: message.payload)
        }
        return result
    }

    /// The setup with the new names.
    package func setup(_ setup: PlugTestSetup) -> PlugTestSetup {
        var setup = setup
        for index in setup.pipeline.sources.indices {
            let source = setup.pipeline.sources[index]
            setup.pipeline.sources[index].name = text(source.name)
            setup.pipeline.sources[index].filters = source.filters.map { TopicPattern(text($0.filter)) ?? $0 }
            setup.pipeline.sources[index].meter = source.meter.map(text)
        }
        for index in setup.pipeline.meters.indices {
            let meter = setup.pipeline.meters[index]
            setup.pipeline.meters[index].id = text(meter.id)
            setup.pipeline.meters[index].rawIDs = Set(meter.rawIDs.map(text))
        }
        let about = setup.about.map { name, about in
            (
                text(name),
                About(utility: about.utility.map(text), meter: about.meter.map(text), reader: about.reader.map(text))
            )
        }
        setup.about = Dictionary(about) { first, _ in first }
        for index in setup.settings.display.indices {
            setup.settings.display[index].source = text(setup.settings.display[index].source)
        }
        for index in setup.settings.steps.indices {
            setup.settings.steps[index].name = text(setup.settings.steps[index].name)
        }
        setup.settings.title = text(setup.settings.title)
        return setup
    }

    package func text(_ text: String) -> String {
        String(decoding: replacement.applied(to: Array(text.utf8)), as: UTF8.self)
    }

    /// True for an encrypted telegram whose cipher header contains the serial, which cannot be replaced.
    package static func isSealed(_ message: RawMessage) -> Bool {
        message.payload.starts(with: [0xDB, 0x08]) || message.payload.starts(with: Array("DB08".utf8))
            || message.payload.starts(with: Array("db08".utf8))
    }
}
