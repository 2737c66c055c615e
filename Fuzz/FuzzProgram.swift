// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Runs libFuzzer with one of our targets: `obis-fuzz TARGET [LIBFUZZER ARGUMENT…] [CORPUS FOLDER…]`.
@main enum FuzzProgram {
    /// The target of this process; set before the first input and not changed afterwards.
    nonisolated(unsafe) static var target: any FuzzTarget = JSONTarget()

    static func main() {
        var arguments = CommandLine.arguments
        guard arguments.count > 1, let target = FuzzTargets.make(arguments[1]) else {
            print("targets: \(FuzzTargets.names.joined(separator: " "))")
            exit(64)
        }
        Self.target = target
        arguments.remove(at: 1)
        var count = CInt(arguments.count)
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        let status = argv.withUnsafeMutableBufferPointer { buffer -> CInt in
            guard let base = buffer.baseAddress else { return 1 }
            var pointer = base
            return LLVMFuzzerRunDriver(&count, &pointer) { data, size in
                FuzzProgram.target.run(Array(UnsafeBufferPointer(start: data, count: size)))
                return 0
            }
        }
        exit(status)
    }
}

/// Runs libFuzzer's loop from a `main` of our own: Swift already defines one.
@_silgen_name("LLVMFuzzerRunDriver")
private func LLVMFuzzerRunDriver(
    _ argc: UnsafeMutablePointer<CInt>,
    _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
