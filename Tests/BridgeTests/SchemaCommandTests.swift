// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `schema` as people call it.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct SchemaCommandTests {
    private func run(_ arguments: [String]) throws -> (code: Int32?, output: String) {
        let command = try ChildProcess(RunningBridge.program, ["schema"] + arguments)
        let code = command.wait()
        return (code, command.output.value.lines.joined(separator: "\n"))
    }

    @Test(arguments: ["json-schema", "asyncapi", "yaml-editor"]) func `a kind prints one JSON document`(kind: String)
        throws
    {
        let (code, output) = try run(["--kind", kind])
        #expect(code == 0)
        let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        #expect(object?.isEmpty == false)
    }

    @Test func `the EID names the meter's topic and its aliases`() throws {
        let (code, output) = try run(["--kind", "smartgridready"])
        #expect(code == 0)
        #expect(output.contains("<topic>harmonized/v1/meter/{{meter}}/state</topic>"))
        #expect(output.contains("<query>values.power_import</query>"))
    }

    @Test func `a configuration's own profile is described`() throws {
        let folder = try TemporaryDirectory()
        try folder.write(
            "bridge.yaml", "{sources: {gplug: {adapter: gplug}}, profile: {topics: {root: haus/v1}}}")
        let (code, output) = try run(["--kind", "asyncapi", "--config", "\(folder.path)/bridge.yaml"])
        #expect(code == 0 && output.contains("\"haus/v1/meter/{meter}/state\""))
    }

    @Test func `an unknown kind is refused with the valid ones`() throws {
        let (code, output) = try run(["--kind", "xsd"])
        #expect(code == 64 && output.contains("'json-schema'"))
    }
}
