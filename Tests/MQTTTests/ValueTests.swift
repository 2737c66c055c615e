// SPDX-License-Identifier: Apache-2.0
import MQTT
import Testing

struct ValueTests {
    @Test func `a topic filter knows its topics`() {
        #expect(TopicFilter("tele/+/SENSOR").matches("tele/gPlug/SENSOR"))
        #expect(!TopicFilter("tele/+/SENSOR").matches("tele/gPlug/STATE"))
        #expect(TopicFilter("#").isValid)
        #expect(!TopicFilter("a#").isValid)
        #expect(!TopicFilter("").isValid)
    }

    @Test func `a broker has the port of its kind`() {
        #expect(BrokerSettings(host: "h").address == "h:1883")
        #expect(BrokerSettings(host: "h", tls: TLSSettings()).address == "h:8883")
        #expect(BrokerSettings(host: "::1").address == "[::1]:1883")
    }

    @Test func `errors that waiting cannot help are told apart`() {
        #expect(MQTTError.notAuthorised(username: nil).isConfigurationFault)
        #expect(!MQTTError.unreachable(address: "h:1883", reason: "").isConfigurationFault)
        #expect("\(MQTTError.notAuthorised(username: nil))" == "not authorised without a username")
    }
}
