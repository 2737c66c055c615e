// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto

/// Reads libmosquitto's error lines about TLS, which alone contain OpenSSL's cause.
enum TLSComplaint {
    /// Why the server's certificate was not accepted; nil when that was not the problem.
    static func distrust(_ complaint: String?) -> String? {
        guard let complaint else { return nil }
        if complaint.contains("certificate verify failed") {
            // From 2.1 on OpenSSL checks the host name too, and its line does not say which check failed.
            return Library.checksHostNameApart
                ? "it does not verify, check the CA file and the certificate's dates"
                : "it does not verify, check the CA file, the host name in the certificate and its dates"
        }
        if complaint.contains("host name verification failed") { return "it is made for another host name" }
        return nil
    }

    /// The last part of `OpenSSL Error[0]: error:0A00010B:SSL routines::wrong version number`.
    static func reason(_ complaint: String?) -> String? {
        guard let complaint, complaint.contains("OpenSSL") || complaint.contains("TLS") else { return nil }
        return complaint.split(separator: ":").last.map { $0.drop { $0 == " " } }.map(String.init)
    }
}

/// The libmosquitto linked at run time, which may be newer than the one at build time.
enum Library {
    /// Major, minor and revision as one number: 2.0.11 is 2000011.
    static let version = mosquitto_lib_version(nil, nil, nil)

    /// True when a certificate for another host name has its own error text; otherwise it is reported as not verified.
    static var checksHostNameApart: Bool { version < 2_001_000 }
}
