// SPDX-License-Identifier: Apache-2.0

/// A person's command to the running bridge, as JSON on its `command` topic.
package struct Command: Sendable, Equatable {
    /// What to do.
    package var name: Name
    /// The meter it is about, as it is published or as the configuration calls it; empty when it is about no meter.
    package var meter: String
    /// A word that the answer repeats, so that the sender of the command recognises it; at most 64 characters.
    package var request: String

    /// The commands there are.
    package enum Name: String, Sendable, CaseIterable {
        /// Believes the held values of a meter's counters.
        case accept
        /// Clears every retained topic of a meter and forgets it.
        case forget
        /// Reports which process is running: a bridge that starts asks whether another one has its name. It needs no
        /// meter.
        case identify
    }

    /// Makes a command.
    package init(_ name: Name, meter: String, request: String) {
        self.name = name
        self.meter = meter
        self.request = request
    }

    /// Reads a command.
    ///
    /// - Throws: `Malformed` with a sentence about what is wrong.
    package init(_ payload: [UInt8]) throws(Malformed) {
        guard payload.count <= 1000, let root = try? JSONDocument.parse(payload).root, root.kind == .object else {
            throw Malformed(request: nil, reason: "a command is a JSON object with command, meter and request")
        }
        let request = root["request"]?.text.map { String($0.prefix(64)) }
        let word = root["command"]?.text ?? ""
        guard let name = Name(rawValue: word) else {
            let hint = NearestWord.hint(word, in: Name.allCases.map(\.rawValue))
            throw Malformed(request: request, reason: "unknown command \"\(word)\"\(hint)")
        }
        let meter = name == .identify ? "" : root["meter"]?.text ?? ""
        guard name == .identify || !meter.isEmpty else {
            throw Malformed(request: request, reason: "\"\(word)\" needs a meter")
        }
        self.init(name, meter: meter, request: request ?? "")
    }

    /// The JSON that `init(_:)` reads.
    package var payload: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("command", name.rawValue)
            if name != .identify { json.member("meter", meter) }
            json.member("request", request)
        }
        return writer.bytes
    }

    /// Why a payload is not a command.
    package struct Malformed: Error, Equatable {
        /// The word to repeat; nil when the command had none.
        package var request: String?
        /// One sentence.
        package var reason: String
    }
}

// MARK: - Described

extension MessageSchemas {
    var command: JSONTree {
        object(
            "What a person tells the running bridge.", required: ["command", "request"],
            [
                ("command", ["type": "string", "enum": .texts(Command.Name.allCases.map(\.rawValue))]), ("meter", text),
                ("request", ["description": "A word that the answer repeats.", "type": "string"]),
            ]
        ).adding([
            ("if", ["properties": ["command": ["const": .text(Command.Name.identify.rawValue)]]]),
            ("else", ["required": ["meter"]]),
        ])
    }
}
