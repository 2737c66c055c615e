// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// A part of the program that reads bytes from outside.
protocol FuzzTarget {
    /// Runs one input. A crash or a violated `precondition` ends the process.
    mutating func run(_ bytes: [UInt8])
}

/// All targets by name.
enum FuzzTargets {
    static let names =
        [
            "json", "p1", "cipher", "pipeline", "profile", "labels", "configuration", "hdlc", "mbus", "sml-file", "tic",
            "ciphered", "axdr", "sml",
        ]
        + AdapterRegistry.all.map(\.name).filter { $0 != "p1" && $0 != "json" }

    static func make(_ name: String) -> (any FuzzTarget)? {
        switch name {
        case "json": JSONTarget()
        case "p1": P1Target()
        case "cipher": CipherTarget()
        case "pipeline": PipelineTarget()
        case "profile": ProfileTarget()
        case "labels": LabelsTarget()
        case "configuration": ConfigurationTarget()
        case "hdlc", "mbus", "sml-file", "tic", "ciphered": LayerTarget(name)
        case "axdr": AXDRTarget()
        case "sml": SMLTarget()
        case "frames": FramesTarget()
        default: AdapterRegistry.make(name).map { AdapterTarget($0) }
        }
    }
}

extension RawMessage {
    /// A message for a decoder, with a time in seconds.
    init(_ topic: String, _ payload: some Sequence<UInt8>, at seconds: Int64 = 1_795_217_228) {
        self.init(topic: topic, payload: Array(payload), received: Timestamp(seconds: seconds))
    }
}
