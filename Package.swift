// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
]

let package = Package(
    name: "obis-bridge",
    products: [
        .executable(name: "obis-bridge", targets: ["bridge"]),
        .library(name: "Harmonizer", targets: ["Harmonizer"]),
        .library(name: "Adapters", targets: ["Adapters"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        // Files are embedded as long arrays, which take the compiler seconds: in targets that depend on nothing they are
        // compiled once, whatever else changes.
        .target(
            name: "ShippedFiles",
            resources: [
                .embedInCode("Profiles"), .embedInCode("Labels"), .embedInCode("Mappings"), .embedInCode("Lists"),
                .embedInCode("Names"), .embedInCode("Demo"),
            ], swiftSettings: swiftSettings),
        .target(
            name: "PageFiles", resources: [.embedInCode("Assets")], swiftSettings: swiftSettings),
        .target(name: "MQTT", dependencies: ["CMosquitto"], swiftSettings: swiftSettings),
        .target(name: "History", dependencies: ["CSQLite", "Harmonizer"], swiftSettings: swiftSettings),
        .target(
            name: "Harmonizer", dependencies: ["ShippedFiles", "Yams"], swiftSettings: swiftSettings),
        .target(name: "Wire", dependencies: ["COpenSSL"], swiftSettings: swiftSettings),
        .target(
            name: "Adapters", dependencies: ["Harmonizer", "ShippedFiles", "Wire"], swiftSettings: swiftSettings),
        .target(
            name: "Page", dependencies: ["Harmonizer", "PageFiles", "Yams"], swiftSettings: swiftSettings),
        .target(name: "Machine", dependencies: ["Harmonizer"], swiftSettings: swiftSettings),
        .target(
            name: "Inputs",
            dependencies: [
                "Harmonizer", "MQTT", "Machine", .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swiftSettings),
        .target(
            name: "PlugTest",
            dependencies: [
                "Adapters", "Harmonizer", "Inputs", "MQTT", "Machine", "Page",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: swiftSettings),
        .target(
            name: "BridgeConfiguration",
            dependencies: [
                "Adapters", "Harmonizer", "History", "Inputs", "MQTT", "Machine", "PlugTest",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: swiftSettings),
        .target(
            name: "BridgeRuntime",
            dependencies: [
                "Adapters", "BridgeConfiguration", "Harmonizer", "History", "Inputs", "MQTT", "Machine", "Page",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: swiftSettings),
        .target(
            name: "Web",
            dependencies: [
                "Adapters", "BridgeConfiguration", "BridgeRuntime", "CZlib", "Harmonizer", "History", "MQTT", "Machine",
                "Page", "PageFiles", "PlugTest", "Wire",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: swiftSettings),
        .executableTarget(
            name: "bridge",
            dependencies: [
                "Adapters", "BridgeConfiguration", "BridgeRuntime", "Harmonizer", "History", "Inputs", "MQTT",
                "Machine", "PlugTest", "ShippedFiles", "Web", "Wire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings),
        // What Examples/embedding builds as a package of its own, here with what is built anyway: its output is tested.
        .executableTarget(
            name: "embedding", dependencies: ["Adapters", "Harmonizer"], path: "Examples/embedding/Sources/embedding",
            swiftSettings: swiftSettings),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
        .testTarget(
            name: "HarmonizerTests", dependencies: ["Harmonizer", "TestSupport"], exclude: ["Fixtures"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "HistoryTests", dependencies: ["Harmonizer", "History", "TestSupport"], swiftSettings: swiftSettings),
        .testTarget(name: "WireTests", dependencies: ["Wire", "TestSupport"], swiftSettings: swiftSettings),
        .testTarget(
            name: "AdaptersTests",
            dependencies: ["Adapters", "Harmonizer", "ShippedFiles", "TestSupport", "Wire"],
            exclude: ["Recordings"], resources: [.copy("Fixtures")], swiftSettings: swiftSettings),
        .testTarget(name: "MQTTTests", dependencies: ["MQTT", "TestSupport"], swiftSettings: swiftSettings),
        .testTarget(
            name: "BridgeTests",
            dependencies: [
                "bridge", "embedding", "Adapters", "BridgeConfiguration", "BridgeRuntime", "Harmonizer", "History",
                "Inputs", "MQTT", "Machine", "Page", "PageFiles", "PlugTest", "ShippedFiles", "TestSupport", "Web",
                "Wire",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["cases", "PlugTest/Golden", "Publications/publications.txt"], swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6]
)

// Scripts/documentation sets DOCC: nothing that is installed needs the plugin.
if Context.environment["DOCC"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}

// Scripts/fuzz sets FUZZ: the sanitizers would slow every other build.
if Context.environment["FUZZ"] != nil {
    package.targets.removeAll(where: \.isTest)
    package.targets.append(
        .executableTarget(
            name: "obis-fuzz", dependencies: ["Adapters", "BridgeConfiguration", "Harmonizer", "Wire"], path: "Fuzz",
            exclude: ["seeds.py", "dictionaries"], swiftSettings: swiftSettings))
}
