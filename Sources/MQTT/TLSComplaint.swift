// SPDX-License-Identifier: Apache-2.0
/// Reads libmosquitto's error lines about TLS, the only place where OpenSSL's cause appears.
enum TLSComplaint {
    /// Why the server's certificate was not accepted; nil: that was not the problem.
    static func distrust(_ complaint: String?) -> String? {
        guard let complaint else { return nil }
        if complaint.contains("certificate verify failed") {
            return "it does not verify, check the CA file and the certificate's dates"
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
