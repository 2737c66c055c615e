// swift-tools-version: 6.2
import PackageDescription

// In-process figures of the parts that handle every message. End to end, with the peers: Scripts/benchmark.
let package = Package(
    name: "obis-bridge-benchmarks",
    platforms: [.macOS(.v13)],
    products: [.executable(name: "Loop", targets: ["Loop"])],
    dependencies: [
        .package(name: "obis-bridge", path: "../"),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .target(
            name: "Loads",
            dependencies: [
                .product(name: "Adapters", package: "obis-bridge"), .product(name: "Harmonizer", package: "obis-bridge"),
            ],
            path: "Loads"),
        .executableTarget(
            name: "InProcess",
            dependencies: [
                "Loads", .product(name: "Adapters", package: "obis-bridge"),
                .product(name: "Harmonizer", package: "obis-bridge"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "InProcess",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
        .executableTarget(
            name: "Loop",
            dependencies: [
                "Loads", .product(name: "Adapters", package: "obis-bridge"),
                .product(name: "Harmonizer", package: "obis-bridge"),
            ],
            path: "Loop"),
    ]
)
