// SPDX-License-Identifier: Apache-2.0
import Foundation

/// dygraphs, of Debian's package libjs-dygraphs: it is found where the package puts it, and read for each who asks, which is once a
/// browser and version.
enum ChartLibrary {
    static let name = "dygraph.js"

    /// Where it may be; `OBIS_BRIDGE_JAVASCRIPT` names another folder.
    private static var places: [String] {
        let own = ProcessInfo.processInfo.environment["OBIS_BRIDGE_JAVASCRIPT"].map { ["\($0)/dygraph.min.js"] } ?? []
        return own + ["/usr/share/javascript/dygraphs/dygraph.min.js", "/usr/share/obis-bridge/dygraph.min.js"]
    }
    /// More is not what it should be.
    private static let limit = 1 << 20

    static var response: WebResponse {
        for place in places {
            guard let data = FileManager.default.contents(atPath: place), data.count < limit else { continue }
            return WebResponse(contentType: "text/javascript; charset=utf-8", body: [UInt8](data))
        }
        return .problem(404, "Not Found", "the charts need the package libjs-dygraphs")
    }
}
