// SPDX-License-Identifier: Apache-2.0

/// `template`: a topic and a payload that the user writes with `{{alias}}` in them, for consumers of some other
/// program's topics: a Victron GX, a SmartEVSE, DSMR-reader.
///
/// Sent once per reading, when every value is there: those of this reading, and others that are not older than two of
/// their own intervals. A message with yesterday's power in it is worse than none.
struct TemplateOutput: ConfigurableOutput {
    static let name = "template"

    private let topic: TemplateText
    private let payload: TemplateText
    private let qos: UInt8
    private let isRetained: Bool
    private let isJSON: Bool

    init?(_ options: inout YAMLReader, context: OutputContext) {
        let mark = options.mark
        let problems = options.problems
        qos = UInt8(options.number("qos", in: 0...1) ?? 1)
        isRetained = options.flag("retain") ?? false
        let topicNode = options.node("topic")
        let payloadNode = options.node("payload")
        guard let topicText = options.text("topic"), let payloadText = options.text("payload") else {
            problems.error(mark, "a template needs \"topic\" and \"payload\"")
            return nil
        }
        let names = TemplateName.Known(context.profile)
        do throws(TemplateFault) {
            topic = try TemplateText(topicText, known: names)
        } catch {
            problems.error(topicNode?.mark ?? mark, error.description)
            return nil
        }
        do throws(TemplateFault) {
            payload = try TemplateText(payloadText, known: names)
        } catch {
            problems.error(payloadNode?.mark ?? mark, error.description)
            return nil
        }
        if let fault = OutputTopic.fault(inFixed: topic.text { _ in "x" } ?? "", of: topicText) {
            problems.error(topicNode?.mark ?? mark, fault)
            return nil
        }
        guard topic.hasRegister || payload.hasRegister else {
            problems.error(payloadNode?.mark ?? mark, "this template contains no {{alias}} of a register")
            return nil
        }
        let first = payloadText.first { !$0.isWhitespace }
        isJSON = first == "{" || first == "["
    }

    var filters: [String] { [topic.filter] }

    func publications(of reading: Reading, meter: MeterState) -> [Publication] {
        let values = TemplateValues(reading: reading, meter: meter)
        guard values.brings(topic.names + payload.names) else { return [] }
        guard let topic = topic.text({ values.value($0).map(TemplateValues.level) }),
            let payload = payload.text({ name in values.value(name).map { isJSON ? TemplateValues.escaped($0) : $0 } })
        else { return [] }
        return [Publication(topic: topic, payload: Array(payload.utf8), qos: qos, isRetained: isRetained)]
    }
}
