// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// The input of a plug-test besides the messages.
package struct PlugTestSetup: Sendable {
    package var pipeline: Pipeline.Settings
    package var settings = PlugTestSettings()
    /// The meters and readers by source, in words for people.
    package var about: [String: About] = [:]

    package init(
        pipeline: Pipeline.Settings, settings: PlugTestSettings = PlugTestSettings(), about: [String: About] = [:]
    ) {
        self.pipeline = pipeline
        self.settings = settings
        self.about = about
    }
}
