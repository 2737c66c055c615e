// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
package import Logging

extension LogSettings {
    /// A logger with these settings that waits for the reader of standard error.
    package var logger: Logger { Log(self).logger }
}
