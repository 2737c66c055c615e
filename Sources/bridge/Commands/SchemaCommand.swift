// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Harmonizer
import Machine

/// `schema`: documents for programs and editors, generated from the profile.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print a description of the messages, topics or files, made from the profile.",
        discussion: """
            Kinds:
              json-schema      JSON Schema of every message
              asyncapi         AsyncAPI 3 of every topic
              smartgridready   external interface description (EID) of a meter, as XML
              openapi          OpenAPI 3.1 of what the bridge answers by HTTP
              yaml-editor      JSON Schema of bridge.yaml and of profiles, for editors

            Examples:
              obis-bridge schema --kind json-schema > harmonized.schema.json
              obis-bridge schema --kind asyncapi --config bridge.yaml
            """)

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case jsonSchema = "json-schema"
        case asyncAPI = "asyncapi"
        case smartGridReady = "smartgridready"
        case openAPI = "openapi"
        case yamlEditor = "yaml-editor"
    }

    @Option(help: "json-schema, asyncapi, smartgridready, openapi or yaml-editor.")
    var kind: Kind

    @Option(name: .shortAndLong, help: "The configuration whose profile is described; the shipped profile by default.")
    var config: String?

    func run() throws {
        let profile = try self.profile()
        let documents = SchemaDocuments(profile, version: Program.version)
        let text =
            switch kind {
            case .jsonSchema: documents.jsonSchema.document
            case .asyncAPI: documents.asyncAPI.document
            case .smartGridReady: SmartGridReadyDocument(profile, version: Program.version).text
            case .openAPI: documents.openAPI.document
            case .yamlEditor: EditorSchema(profile).document.document
            }
        try StandardOutput.print(text, terminator: "")
    }

    private func profile() throws -> Profile {
        guard let config else { return try Profile() }
        return try ConfigurationLoader().required(path: config).profile
    }
}
