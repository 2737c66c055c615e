// SPDX-License-Identifier: Apache-2.0

/// The files of `Profiles/lists`, which are inside the program: a new one is one file there and one line here.
enum ShippedLists {
    /// Name and YAML; where several lists fit equally well, the first is taken.
    static let files: [(name: String, yaml: [UInt8])] = [
        ("aidon", PackageResources.aidon_yaml),
        ("iskra", PackageResources.iskra_yaml),
        ("kaifa", PackageResources.kaifa_yaml),
        ("kamstrup-push", PackageResources.kamstrup_push_yaml),
        ("landis-gyr", PackageResources.landis_gyr_yaml),
        ("austria", PackageResources.austria_yaml),
        ("sagemcom", PackageResources.sagemcom_yaml),
        ("sml", PackageResources.sml_yaml),
        ("any", PackageResources.any_yaml),
    ]
}

extension PushList {
    /// The lists that come with the program.
    public static let shipped: [PushList] = ShippedLists.files.flatMap { file in
        do {
            return try load(yaml: String(decoding: file.yaml, as: UTF8.self), path: file.name + ".yaml")
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// The list of that name; nil when none has it.
    public static func shipped(named name: String) -> PushList? { shipped.first { $0.name == name } }
}
