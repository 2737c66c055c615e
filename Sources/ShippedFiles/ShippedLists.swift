// SPDX-License-Identifier: Apache-2.0

/// The files of `Profiles/lists`, which are inside the program: a new one is one file there and one line here.
package enum ShippedLists {
    /// Name and YAML; where several lists fit equally well, the first is taken.
    package static let files: [(name: String, yaml: [UInt8])] = [
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
