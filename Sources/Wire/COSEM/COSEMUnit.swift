// SPDX-License-Identifier: Apache-2.0

/// The units of DLMS and SML by their number (IEC 62056-6-2, table 4), as symbols.
package enum COSEMUnit {
    /// The symbol; empty for a number without unit (255); nil for a unit that no electricity meter sends.
    package static func symbol(_ code: UInt8) -> String? {
        switch code {
        case 6, 7: "s"
        case 8: "°"
        case 9: "°C"
        case 13, 14: "m³"
        case 15, 16: "m³/h"
        case 27: "W"
        case 28: "VA"
        case 29: "var"
        case 30: "Wh"
        case 31: "VAh"
        case 32: "varh"
        case 33: "A"
        case 35: "V"
        case 44: "Hz"
        case 255: ""
        default: nil
        }
    }
}
