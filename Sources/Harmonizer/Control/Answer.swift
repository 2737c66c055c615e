// SPDX-License-Identifier: Apache-2.0

/// The result of a command, as JSON on the bridge's `answer` topic.
package struct Answer: Sendable, Equatable {
    /// The word of the command.
    package var request: String
    /// True when the bridge did what it was told.
    package var isDone: Bool
    /// One line each, for people.
    package var lines: [String]

    /// Which process answers: its client id on the input broker and a word of its own, with a blank between; nil when
    /// it did not say.
    package var process: String?

    /// Makes an answer.
    package init(request: String, isDone: Bool, lines: [String], process: String? = nil) {
        self.request = request
        self.isDone = isDone
        self.lines = lines
        self.process = process
    }

    /// Reads an answer; nil for a payload that is not one.
    package init?(_ payload: [UInt8]) {
        guard let root = try? JSONDocument.parse(payload).root, let request = root["request"]?.text,
            let result = root["result"]?.text, let lines = root["lines"]
        else { return nil }
        self.init(
            request: request, isDone: result == "done", lines: lines.elements.compactMap(\.value.text),
            process: root["process"]?.text)
    }

    /// The JSON that `init(_:)` reads.
    package var payload: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("request", request)
            json.member("result", isDone ? "done" : "refused")
            json.key("lines")
            json.array { json in for line in lines { json.string(line) } }
            if let process { json.member("process", process) }
        }
        return writer.bytes
    }
}

// MARK: - Described

extension MessageSchemas {
    var answer: JSONTree {
        object(
            "What became of a command.", required: ["request", "result", "lines"],
            [
                ("request", text), ("result", ["type": "string", "enum": ["done", "refused"]]),
                ("lines", ["type": "array", "items": text]),
            ])
    }
}
