// SPDX-License-Identifier: Apache-2.0

/// The dictionaries of `Profiles/labels`, which are inside the program: a new one is one file there and one line here.
package enum ShippedLabels {
    /// Name and YAML. Where several dictionaries mean the same by all labels of a device, the first is the one that is guessed.
    package static let files: [(name: String, yaml: [UInt8])] = [
        ("gplug-d", PackageResources.gplug_d_yaml),
        ("gplug-d-e", PackageResources.gplug_d_e_yaml),
        ("gplug-d-hdlc", PackageResources.gplug_d_hdlc_yaml),
        ("gplug-d-org", PackageResources.gplug_d_org_yaml),
        ("gplug-e-as3000", PackageResources.gplug_e_as3000_yaml),
        ("gplug-k", PackageResources.gplug_k_yaml),
        ("gplug-m", PackageResources.gplug_m_yaml),
        ("gplug-m-re", PackageResources.gplug_m_re_yaml),
        ("ebs", PackageResources.ebs_yaml),
        ("ebs-gplug", PackageResources.ebs_gplug_yaml),
        ("hacs", PackageResources.hacs_yaml),
        ("tasmota-sml", PackageResources.tasmota_sml_yaml),
        ("sml-german", PackageResources.sml_german_yaml),
        ("ottelo", PackageResources.ottelo_yaml),
        ("holley", PackageResources.holley_yaml),
        ("ebzd", PackageResources.ebzd_yaml),
        ("ebz", PackageResources.ebz_yaml),
        ("mt175", PackageResources.mt175_yaml),
        ("mt681", PackageResources.mt681_yaml),
        ("mt681-pk", PackageResources.mt681_pk_yaml),
        ("e320", PackageResources.e320_yaml),
        ("as1440", PackageResources.as1440_yaml),
        ("zmr120", PackageResources.zmr120_yaml),
        ("e450-encrypted", PackageResources.e450_encrypted_yaml),
        ("sanxing", PackageResources.sanxing_yaml),
        ("sagemcom-ma105", PackageResources.sagemcom_ma105_yaml),
        ("venus-grid", PackageResources.venus_grid_yaml),
        ("eb-portugal", PackageResources.eb_portugal_yaml),
    ]
}
