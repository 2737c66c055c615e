// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The dygraphs library of Debian's package libjs-dygraphs. The file is read for each request: one per browser and
/// version.
enum ChartLibrary {
    static let name = "dygraph.js"

    /// The possible paths of the library; `OBIS_BRIDGE_JAVASCRIPT` names another folder.
    private static var places: [String] {
        let own = ProcessInfo.processInfo.environment["OBIS_BRIDGE_JAVASCRIPT"].map { ["\($0)/dygraph.min.js"] } ?? []
        return own + ["/usr/share/javascript/dygraphs/dygraph.min.js", "/usr/share/obis-bridge/dygraph.min.js"]
    }
    /// A larger file is not the library.
    private static let limit = 1 << 20

    static var response: WebResponse {
        for place in places {
            guard let data = FileManager.default.contents(atPath: place), data.count < limit else { continue }
            return WebResponse(contentType: "text/javascript; charset=utf-8", body: [UInt8](data))
        }
        return .problem(404, "Not Found", "the charts need the package libjs-dygraphs")
    }
}
