// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
package import Logging

extension LogSettings {
    /// A logger that writes so, and waits for whoever reads it.
    package var logger: Logger { Log(self).logger }
}
