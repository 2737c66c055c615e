// SPDX-License-Identifier: Apache-2.0

/// A SmartGridready external interface description (EID): how a communicator reads a harmonised meter from the broker.
///
/// Made after the schema `http://www.smartgridready.com/ns/V0/` (Product.xsd) and its functional profiles ActivePowerAC
/// 1.1 and ActiveEnergyAC 1.1. Every data point is a JMESPath into `values` of the `state` topic: aliases need no
/// quotes there.
package struct SmartGridReadyDocument: Sendable {
    private let profile: Profile
    private let version: String

    /// Makes a document for a profile; `version` is the program's.
    package init(_ profile: Profile, version: String) {
        self.profile = profile
        self.version = version
    }

    /// A functional profile: what is measured, in which direction, and its data points.
    private struct Measurement {
        var type: String
        var direction: String
        var unit: String
        /// Data point, OBIS code.
        var points: [(String, OBISCode)]
    }

    private static let measurements: [Measurement] = [
        Measurement(
            type: "ActivePowerAC", direction: "Net", unit: "WATTS",
            points: [("ActivePowerACtot", OBISCode(1, 0, 16, 7, 0))]),
        Measurement(
            type: "ActivePowerAC", direction: "Import", unit: "WATTS",
            points: [
                ("ActivePowerACtot", OBISCode(1, 0, 1, 7, 0)), ("ActivePowerACL1", OBISCode(1, 0, 21, 7, 0)),
                ("ActivePowerACL2", OBISCode(1, 0, 41, 7, 0)), ("ActivePowerACL3", OBISCode(1, 0, 61, 7, 0)),
            ]),
        Measurement(
            type: "ActivePowerAC", direction: "Export", unit: "WATTS",
            points: [
                ("ActivePowerACtot", OBISCode(1, 0, 2, 7, 0)), ("ActivePowerACL1", OBISCode(1, 0, 22, 7, 0)),
                ("ActivePowerACL2", OBISCode(1, 0, 42, 7, 0)), ("ActivePowerACL3", OBISCode(1, 0, 62, 7, 0)),
            ]),
        Measurement(
            type: "ActiveEnergyAC", direction: "Import", unit: "KILOWATT_HOURS",
            points: [("ActiveEnergyACtot", OBISCode(1, 0, 1, 8, 0))]),
        Measurement(
            type: "ActiveEnergyAC", direction: "Export", unit: "KILOWATT_HOURS",
            points: [("ActiveEnergyACtot", OBISCode(1, 0, 2, 8, 0))]),
    ]

    /// The document.
    package var text: String {
        let profiles = Self.measurements.compactMap { functionalProfile($0) }.joined(separator: "\n")
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <DeviceFrame xmlns="http://www.smartgridready.com/ns/V0/">
              <deviceName>obis-bridge meter</deviceName>
              <manufacturerName>obis-bridge</manufacturerName>
              <specificationOwnerIdentification>0</specificationOwnerIdentification>
              <releaseNotes>
                <state>Draft</state>
              </releaseNotes>
              <deviceInformation>
                <legibleDescription>
                  <textElement>A smart meter in the profile \(escaped(profile.name)) of obis-bridge \(escaped(version)).</textElement>
                  <language>en</language>
                </legibleDescription>
                <deviceCategory>SubMeterElectricity</deviceCategory>
                <isLocalControl>true</isLocalControl>
                <levelOfOperation>m</levelOfOperation>
                <versionNumber>
                  <primaryVersionNumber>0</primaryVersionNumber>
                  <secondaryVersionNumber>1</secondaryVersionNumber>
                  <subReleaseVersionNumber>0</subReleaseVersionNumber>
                </versionNumber>
              </deviceInformation>
              <configurationList>
            \(Self.setting("broker_host", "string", "localhost", "Broker host"))
            \(Self.setting("broker_port", "int32", "1883", "Broker port"))
            \(Self.setting("broker_tls", "boolean", "false", "Broker with TLS"))
            \(Self.setting("broker_tls_verify", "boolean", "true", "Verify the broker's certificate"))
            \(Self.setting("broker_username", "string", "", "User name"))
            \(Self.setting("broker_password", "string", "", "Password"))
            \(Self.setting("meter", "string", "", "The meter's id in the topics of obis-bridge"))
              </configurationList>
              <interfaceList>
                <messagingInterface>
                  <messagingInterfaceDescription>
                    <platform>MQTT5</platform>
                    <messageBrokerList>
                      <messageBrokerListElement>
                        <host>{{broker_host}}</host>
                        <port>{{broker_port}}</port>
                        <tls>{{broker_tls}}</tls>
                        <tlsVerifyCertificate>{{broker_tls_verify}}</tlsVerifyCertificate>
                      </messageBrokerListElement>
                    </messageBrokerList>
                    <messageBrokerAuthentication>
                      <basicAuthentication>
                        <username>{{broker_username}}</username>
                        <password>{{broker_password}}</password>
                      </basicAuthentication>
                    </messageBrokerAuthentication>
                  </messagingInterfaceDescription>
                  <functionalProfileList>
            \(profiles)
                  </functionalProfileList>
                </messagingInterface>
              </interfaceList>
            </DeviceFrame>

            """
    }

    /// Nil when the profile has no alias for any of its registers.
    private func functionalProfile(_ measurement: Measurement) -> String? {
        let points = measurement.points.compactMap { name, obis in
            profile.register(obis)?.alias.map { dataPoint(name, obis, alias: $0, measurement) }
        }
        guard !points.isEmpty else { return nil }
        return """
                    <functionalProfileListElement>
                      <functionalProfile>
                        <functionalProfileName>\(measurement.type)_\(measurement.direction)</functionalProfileName>
                        <functionalProfileIdentification>
                          <specificationOwnerIdentification>0</specificationOwnerIdentification>
                          <functionalProfileCategory>Metering</functionalProfileCategory>
                          <functionalProfileType>\(measurement.type)</functionalProfileType>
                          <levelOfOperation>m</levelOfOperation>
                          <versionNumber>
                            <primaryVersionNumber>1</primaryVersionNumber>
                            <secondaryVersionNumber>1</secondaryVersionNumber>
                            <subReleaseVersionNumber>0</subReleaseVersionNumber>
                          </versionNumber>
                        </functionalProfileIdentification>
                      </functionalProfile>
                      <genericAttributeList>
                        <genericAttributeListElement>
                          <name>MeteringDirection</name>
                          <dataType>
                            <enum>
                              <enumEntry><literal>Net</literal></enumEntry>
                              <enumEntry><literal>Import</literal></enumEntry>
                              <enumEntry><literal>Export</literal></enumEntry>
                            </enum>
                          </dataType>
                          <value>\(measurement.direction)</value>
                          <unit>NONE</unit>
                        </genericAttributeListElement>
                      </genericAttributeList>
                      <dataPointList>
            \(points.joined(separator: "\n"))
                      </dataPointList>
                    </functionalProfileListElement>
            """
    }

    private func dataPoint(_ name: String, _ obis: OBISCode, alias: String, _ measurement: Measurement) -> String {
        let topic = profile.topics.state.topic(["meter": "{{meter}}"])
        return """
                        <dataPointListElement>
                          <dataPoint>
                            <dataPointName>\(name)</dataPointName>
                            <dataDirection>R</dataDirection>
                            <dataType><float64 /></dataType>
                            <unit>\(measurement.unit)</unit>
                            <alternativeNames>
                              <manufName>\(obis)</manufName>
                            </alternativeNames>
                            <legibleDescription>
                              <textElement>\(escaped(profile.register(obis)?.description ?? ""))</textElement>
                              <language>en</language>
                            </legibleDescription>
                          </dataPoint>
                          <messagingDataPointConfiguration>
                            <messagingDataType><number /></messagingDataType>
                            <inMessage>
                              <topic>\(escaped(topic))</topic>
                              <filter>
                                <jmespathFilter>
                                  <query>values.\(alias)</query>
                                  <matchesRegex>-?[0-9].*</matchesRegex>
                                </jmespathFilter>
                              </filter>
                              <responseQuery>
                                <queryType>JMESPathExpression</queryType>
                                <query>values.\(alias)</query>
                              </responseQuery>
                            </inMessage>
                          </messagingDataPointConfiguration>
                        </dataPointListElement>
            """
    }

    private static func setting(_ name: String, _ type: String, _ value: String, _ label: String) -> String {
        """
            <configurationListElement>
              <name>\(name)</name>
              <dataType><\(type) /></dataType>
              <defaultValue>\(value)</defaultValue>
              <configurationDescription>
                <textElement>\(label)</textElement>
                <language>en</language>
                <label>\(label)</label>
              </configurationDescription>
            </configurationListElement>
        """
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
