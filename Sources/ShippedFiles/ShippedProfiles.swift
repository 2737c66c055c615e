// SPDX-License-Identifier: Apache-2.0

/// The profiles that are inside the program.
package enum ShippedProfiles {
    /// Name and YAML; the first is the one that counts where a configuration names none.
    package static let files: [(name: String, yaml: [UInt8])] = [
        ("harmonized", PackageResources.harmonized_yaml), ("rl-dsp", PackageResources.rl_dsp_yaml),
    ]
}

/// The files of `Profiles/names`, which are inside the program: what registers are called in Home Assistant.
package enum ShippedNames {
    /// Language and YAML.
    package static let files: [(language: String, yaml: [UInt8])] = [
        ("de", PackageResources.de_yaml), ("en", PackageResources.en_yaml), ("fr", PackageResources.fr_yaml),
        ("it", PackageResources.it_yaml), ("nl", PackageResources.nl_yaml),
    ]
}

/// What the command `demo` plays.
package enum ShippedDemo {
    /// The traffic of four meters with made-up serial numbers: JSON Lines.
    package static let recording = PackageResources.plug_test_jsonl
    /// The configuration that it is played to.
    package static let configuration = PackageResources.demo_yaml
}
