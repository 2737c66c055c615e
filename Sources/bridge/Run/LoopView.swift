// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// What the loop thread shows of itself to a question.
struct LoopView: Sendable {
    let pipeline: Pipeline
    let links: LinkState
    /// When the configuration in force was taken over.
    let configured: Timestamp
}
