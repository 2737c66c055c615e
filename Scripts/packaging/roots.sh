# shellcheck shell=bash
# Systems in folders, made by debootstrap: to build in and to try packages in. Sourced after common.sh, by scripts that
# run as root. They are made once and kept in OBIS_ROOTS; remove a system's folder to make it anew.

roots=${OBIS_ROOTS:-/var/cache/obis-bridge-roots}

# The mirror of this system if it is Debian, because it may be nearer.
debian_mirror() {
    local mirror
    mirror=$(sed -nE 's/^(deb|URIs:) *(\[[^]]*\] *)?([^ ]+\/debian\/?)( .*)?$/\3/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1) || true
    printf '%s' "${mirror:-http://deb.debian.org/debian}"
}

# foreign ARCHITECTURE - true when this computer runs its programs only by emulation, for which the emulator is
# registered in the kernel.
foreign() {
    [ "$1" != "$(dpkg --print-architecture)" ] || return 1
    [ "$1" = arm64 ] || die "there is no emulator for $1 here"
    require "${yes:-0}" qemu-user-static
    mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
    [ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ] || cat /usr/lib/binfmt.d/qemu-aarch64.conf >/proc/sys/fs/binfmt_misc/register
}

# in_system ROOT COMMAND... - runs a command like a user who has just logged in there. Mounts end with the command.
in_system() {
    local root=$1
    shift
    # Swift reads a program's arguments from /proc.
    unshare --mount --propagation private sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" env -i HOME=/root LC_ALL=C.UTF-8 \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"' "$root" "$@"
}

# system NAME SUITE ARCHITECTURE PACKAGE... - makes $roots/NAME unless it exists: the smallest system of the suite, and
# the packages. An existing one gets missing packages.
system() {
    local name=$1 suite=$2 architecture=$3 root=$roots/$1 mirror script options=(--variant=minbase)
    shift 3
    if [ -d "$root" ]; then
        [ $# -eq 0 ] || chroot "$root" dpkg-query --show "$@" >/dev/null 2>&1 || install_in "$root" "$@"
        return
    fi
    require "${yes:-0}" debootstrap util-linux
    mkdir -p "$roots"
    exec 9>"$roots/.lock-$name"
    flock 9
    [ ! -d "$root" ] || return 0
    say "== $suite for $architecture in $root"
    rm -rf --one-file-system "$root.new"
    mirror=$(debian_mirror)
    case $suite in
        noble)
            mirror=http://archive.ubuntu.com/ubuntu
            [ "$architecture" = amd64 ] || mirror=http://ports.ubuntu.com/ubuntu-ports
            # mosquitto is in universe.
            options+=(--components='main,universe')
            local keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg
            if [ -e "$keyring" ]; then
                options+=(--keyring="$keyring")
            elif [ "${unsigned:-0}" -eq 1 ]; then
                options+=(--no-check-gpg)
            else
                die "no $keyring here, which Debian does not have: with --unsigned Ubuntu's packages are taken without their signature"
            fi ;;
    esac
    # All Ubuntu suites share one script, and so do all Debian suites.
    script=/usr/share/debootstrap/scripts/$suite
    [ -e "$script" ] || case $suite in noble) script=${script%/*}/gutsy ;; *) script=${script%/*}/sid ;; esac
    ! foreign "$architecture" || options+=(--arch="$architecture")
    debootstrap "${options[@]}" "$suite" "$root.new" "$mirror" "$script" >"$root.log" 2>&1 || { tail -n 5 "$root.log" >&2; die "debootstrap failed"; }
    mountpoint -q "$root.new/proc" && umount "$root.new/proc"
    cp -r /etc/apt/apt.conf.d "$root.new/etc/apt/"
    printf '127.0.0.1 localhost\n' >"$root.new/etc/hosts"
    # Services must not start in a folder.
    printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
    chmod +x "$root.new/usr/sbin/policy-rc.d"
    case " $* " in *:arm64\ *) in_system "$root.new" dpkg --add-architecture arm64 ;; esac
    install_in "$root.new" "$@"
    mv "$root.new" "$root"
    exec 9>&-
}

# install_in ROOT PACKAGE... - updates the package lists and installs.
install_in() {
    local root=$1 log
    shift
    log=$(mktemp)
    in_system "$root" apt-get -qq update >"$log" 2>&1 || { tail -n 5 "$log" >&2; die "no package lists in $root"; }
    [ $# -eq 0 ] || in_system "$root" apt-get -qq install --yes --no-install-recommends "$@" >>"$log" 2>&1 </dev/null \
        || { tail -n 5 "$log" >&2; die "cannot install $*"; }
    rm -f "$log"
}

# in_here ROOT FOLDER... -- COMMAND... - runs the command in ROOT but in this folder, which is visible there, like the
# named folders, at the path after a colon if given.
in_here() {
    local root=$1 folders=("$PWD")
    shift
    while [ "$1" != -- ]; do folders+=("$1"); shift; done
    shift
    unshare --mount --propagation private bash -c '
        root=$0 count=$1 here=$PWD
        shift
        for ((; count > 0; count--)); do
            mkdir -p "$root/${1##*:}" && mount --rbind "${1%%:*}" "$root/${1##*:}" || exit
            shift
        done
        mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" || exit
        exec chroot "$root" env -i HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "cd \"\$0\" && exec \"\$@\"" "$here" "$@"
    ' "$root" "${#folders[@]}" "${folders[@]}" "$@"
}

# swift_system - Debian's own compiler, the oldest available as a package. in_swift COMMAND... runs there, in this
# folder and with the packages that git finds here.
swift_system() {
    system swift-sid sid amd64 swiftlang swiftlang-dev g++ git ca-certificates lld pkg-config "${libraries[@]}" libcurl4-openssl-dev tzdata python3
}
in_swift() {
    local folders=() folder
    while read -r folder; do [ ! -d "$folder" ] || folders+=("$folder"); done \
        < <(git config --get-regexp '^url\..*\.insteadof$' | sed -E 's/^url\.(.*)\.insteadof .*$/\1/' | sort -u)
    {
        git config --get-regexp '^url\..*\.insteadof$' | sed -E 's/^url\.(.*)\.insteadof (.*)$/[url "\1"]\n    insteadOf = \2/'
        printf '[safe]\n    directory = *\n'
    } >"$roots/swift-sid/root/.gitconfig"
    [ -z "${sysroot:-}" ] || folders+=("$sysroot:/sysroot")
    in_here "$roots/swift-sid" "${folders[@]}" -- "$@"
}

# cross_system - the tools for an arm64 package: a Debian 12 with its libraries for arm64 and their tools, and the Swift
# runtime for arm64 of exactly the version of swift_system.
cross_system() {
    swift_system
    system cross-bookworm bookworm amd64 binutils-aarch64-linux-gnu debhelper dpkg-dev fakeroot libc6-dev:arm64 libstdc++-12-dev:arm64 \
        libcurl4-openssl-dev:arm64 "${libraries[@]/%/:arm64}" python3
    sysroot=$roots/cross-bookworm
    # Absolute links would leave /sysroot.
    find "$sysroot/usr/lib/aarch64-linux-gnu" -type l -lname '/*' -printf '%p %l\n' \
        | while read -r link target; do ln -sfn "$(realpath --no-symlinks --relative-to="${link%/*}" "$sysroot$target")" "$link"; done
    [ ! -d "$sysroot/usr/libexec/swift" ] || return 0
    local version download=$roots/swift-arm64.new
    version=$(in_system "$roots/swift-sid" dpkg-query -W -f '${Version}' swiftlang)
    say "== Swift runtime $version for arm64"
    rm -rf "$download"
    mkdir -p "$download"
    in_system "$roots/swift-sid" sh -c "dpkg --add-architecture arm64 && apt-get -qq update && cd /var/tmp && apt-get -qq download swiftlang:arm64=$version" \
        >"$roots/swift-arm64.log" 2>&1 || { tail -n 5 "$roots/swift-arm64.log" >&2; die "no swiftlang $version for arm64"; }
    dpkg-deb --fsys-tarfile "$roots/swift-sid/var/tmp/"swiftlang_*_arm64.deb \
        | tar x -C "$download" ./usr/libexec/swift/lib/swift ./usr/libexec/swift/lib/swift_static
    rm -f "$roots/swift-sid/var/tmp/"swiftlang_*_arm64.deb
    # The compiler's own headers must be those of the running compiler.
    rm -rf "$download/usr/libexec/swift/lib/"{swift,swift_static}/clang
    cp -rL "$roots/swift-sid/usr/libexec/swift/lib/swift/clang" "$download/usr/libexec/swift/lib/clang"
    ln -s ../clang "$download/usr/libexec/swift/lib/swift/clang"
    ln -s ../clang "$download/usr/libexec/swift/lib/swift_static/clang"
    ln -sfn ../libexec/swift/lib/swift "$sysroot/usr/lib/swift"
    ln -sfn ../libexec/swift/lib/swift_static "$sysroot/usr/lib/swift_static"
    mv "$download/usr/libexec/swift" "$sysroot/usr/libexec/swift"
    rm -rf "$download"
}

# cross_sdk FOLDER - writes the Swift SDK `debian-arm64` there, which refers to cross_system's folder as /sysroot.
cross_sdk() {
    local bundle=$1/debian-arm64.artifactbundle
    mkdir -p "$bundle/debian-arm64"
    cat >"$bundle/info.json" <<'END'
{"schemaVersion": "1.0", "artifacts": {"debian-arm64": {"type": "swiftSDK", "version": "1", "variants": [{"path": "debian-arm64"}]}}}
END
    cat >"$bundle/debian-arm64/swift-sdk.json" <<'END'
{"schemaVersion": "4.0", "targetTriples": {"aarch64-unknown-linux-gnu": {
    "sdkRootPath": "/sysroot",
    "swiftResourcesPath": "/sysroot/usr/lib/swift",
    "swiftStaticResourcesPath": "/sysroot/usr/lib/swift_static",
    "includeSearchPaths": ["/sysroot/usr/include", "/sysroot/usr/include/aarch64-linux-gnu"],
    "librarySearchPaths": ["/sysroot/usr/lib/aarch64-linux-gnu"],
    "toolsetPaths": ["toolset.json"]}}}
END
    cat >"$bundle/debian-arm64/toolset.json" <<'END'
{"schemaVersion": "1.0", "rootPath": "/usr/bin",
 "swiftCompiler": {"extraCLIOptions": ["-use-ld=lld"]},
 "cCompiler": {"extraCLIOptions": ["--target=aarch64-linux-gnu"]},
 "cxxCompiler": {"extraCLIOptions": ["--target=aarch64-linux-gnu"]}}
END
}

# cross_build SCRATCH ARGUMENT... - `swift build` for arm64 in SCRATCH, a folder below this one.
cross_build() {
    local scratch=$1
    shift
    mkdir -p "$scratch"
    cross_sdk "$scratch/sdks"
    in_swift /usr/libexec/swift/bin/clang --target=aarch64-linux-gnu --sysroot=/sysroot -O2 -Wall -Werror -fno-builtin -c Scripts/packaging/glibc-2.38.c -o "$scratch/glibc.o"
    # Not amd64's libraries, which are in /sysroot too: the script libm.so there would turn the whole link into one for
    # amd64.
    in_swift env PKG_CONFIG_SYSROOT_DIR=/sysroot PKG_CONFIG_PATH=/sysroot/usr/lib/aarch64-linux-gnu/pkgconfig \
        swift build --scratch-path "$scratch" --swift-sdks-path "$scratch/sdks" --swift-sdk debian-arm64 \
        -Xlinker "$PWD/$scratch/glibc.o" "$@"
}
