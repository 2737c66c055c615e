// swift-tools-version: 6.2
import PackageDescription

// The code of the article "Embedding the pipeline". In your own package write
//     .package(url: "https://…/obis-bridge", from: "1.0.0")
let package = Package(
    name: "embedding",
    dependencies: [.package(name: "obis-bridge", path: "../..")],
    targets: [
        .executableTarget(
            name: "embedding",
            dependencies: [
                .product(name: "Harmonizer", package: "obis-bridge"),
                .product(name: "Adapters", package: "obis-bridge"),
            ])
    ]
)
