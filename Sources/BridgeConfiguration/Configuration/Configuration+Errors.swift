// SPDX-License-Identifier: Apache-2.0
package import MQTT

extension Configuration {
    /// The sentence for an error of one of the brokers, with advice.
    package func sentence(_ error: MQTTError) -> String {
        advice(error).map { "\(error)\($0)" } ?? "\(error)"
    }

    private func advice(_ error: MQTTError) -> String? {
        switch error {
        case .notAuthorised(let username):
            // The error does not name the broker: when both have the same user name, it may be either.
            let sides = [input, output].filter { $0.settings.username == username }.map(\.advice)
            guard let first = sides.first else { return nil }
            let other = sides.last.flatMap { $0 == first ? nil : ", or \($0)" } ?? ""
            return ": \(first)\(other)"
        case .sessionTakenOver(let clientID):
            let side = clientID == input.clientID ? input : output
            return side.hasOwnClientID
                ? " Two on one broker need a \"client_id\" in \(side.place) and a \"bridge\" of their own"
                : " Two on one broker need a \"bridge\" of their own: this one is \"\(bridge)\""
        case .alreadyRunning: return ": stop it first, or give this one another name with \"bridge:\""
        default: return nil
        }
    }
}
