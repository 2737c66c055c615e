# Packages of other Debian suites beside the system's own, without installing anything: other versions of mosquitto, of
# its client library, of RabbitMQ. Sourced after common.sh. All files are kept below .build-suites of this checkout.

suites=$PWD/.build-suites

# suite_apt SUITE ARGUMENT... - apt-get for a suite, with lists, cache and a package database of its own. 77: the suite
# is not available.
suite_apt() {
    local suite=$1 home=$suites/$1 mirror
    shift
    command -v apt-get >/dev/null || { say "apt-get is missing: no packages of Debian's $suite"; return 77; }
    [ -r /usr/share/keyrings/debian-archive-keyring.gpg ] || { say "Debian's keyring is missing"; return 77; }
    if [ ! -e "$home/updated" ] || [ -n "$(find "$home/updated" -mmin +1440)" ]; then
        mkdir -p "$home/lists/partial" "$home/cache/archives/partial" "$home/sources.d"
        : >"$home/status"
        mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m 1 '/debian/*$') ||
            { say "no Debian mirror among the sources of apt"; return 77; }
        printf 'Types: deb deb-src\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
            "$mirror" "$suite" /usr/share/keyrings/debian-archive-keyring.gpg >"$home/sources.d/debian.sources"
        printf '%s "%s";\n' Dir::Etc::sourcelist /dev/null Dir::Etc::sourceparts "$home/sources.d" \
            Dir::State::lists "$home/lists" Dir::State::status "$home/status" Dir::Cache "$home/cache" \
            APT::Sandbox::User root APT::Install-Recommends false Debug::NoLocking 1 >"$home/apt.conf"
        APT_CONFIG=$home/apt.conf apt-get update -qq >"$home/log" 2>&1 || { tail -n 3 "$home/log" >&2; return 77; }
        touch "$home/updated"
    fi
    APT_CONFIG=$home/apt.conf apt-get "$@"
}

# suite_root SUITE PACKAGE... - unpacks packages of a suite with all their dependencies; prints the folder.
suite_root() {
    local suite=$1 root=$suites/$1/root-$2
    shift
    if [ ! -e "$root/complete" ]; then
        rm -rf --one-file-system "$root"
        suite_apt "$suite" clean || return
        suite_apt "$suite" install --yes --download-only -qq "$@" >"$suites/$suite/log" 2>&1 ||
            { tail -n 3 "$suites/$suite/log" >&2; return 77; }
        mkdir -p "$root"
        local package
        for package in "$suites/$suite"/cache/archives/*.deb; do dpkg-deb -x "$package" "$root"; done
        # Links that maintainer scripts would create.
        ldconfig -n "$root"/usr/lib/*-linux-gnu* 2>/dev/null || true
        suite_apt "$suite" clean
        touch "$root/complete"
    fi
    printf '%s\n' "$root"
}

# suite_program ROOT PROGRAM - prints the path of a script that runs a program of such a folder with its own libraries, outside
# of any chroot, so that it sees the files and ports of this system.
suite_program() {
    local root=$1 program=$2 triplet loader script
    triplet=$(gcc -print-multiarch 2>/dev/null || dpkg-architecture -q DEB_HOST_MULTIARCH)
    loader=$(find "$root/lib64" "$root/usr/lib64" "$root/usr/lib" -maxdepth 1 -name 'ld-linux*.so.*' 2>/dev/null | head -n 1)
    script=$root/run-${program##*/}
    printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' \
        "$loader" "$root/usr/lib/$triplet:$root/lib/$triplet" "$root$program" >"$script"
    chmod +x "$script"
    printf '%s\n' "$script"
}

# libmosquitto_of SUITE - builds the client library from the suite's source package with this system's compiler, so that
# it is compatible with the system's other libraries; prints the folder of libmosquitto.so.1. With LD_LIBRARY_PATH a
# program uses it instead of the system's.
libmosquitto_of() {
    local suite=$1 home=$suites/$1/libmosquitto tree
    if [ ! -e "$home/libmosquitto.so.1" ]; then
        rm -rf "$home"
        mkdir -p "$home"
        (cd "$home" && suite_apt "$suite" source --download-only -qq mosquitto >"$suites/$suite/log" 2>&1) || return 77
        tar -xf "$home"/mosquitto_*.orig.tar.* -C "$home"
        tree=$(find "$home" -mindepth 1 -maxdepth 1 -type d)
        if [ -d "$tree/libcommon" ]; then make -C "$tree/libcommon" -j2 >"$suites/$suite/log" 2>&1 || return; fi
        # The C++ wrapper is built last and is not needed.
        make -C "$tree/lib" -j2 libmosquitto.so.1 >>"$suites/$suite/log" 2>&1 || { tail "$suites/$suite/log" >&2; return 1; }
        mv "$tree/lib/libmosquitto.so.1" "$home/"
        rm -rf "$tree"
    fi
    printf '%s\n' "$home"
}

# suite_system SUITE PACKAGE... - a small complete system of a suite with these packages, for programs that need one;
# prints the folder. For root only. One at a time: another caller waits.
suite_system() {
    mkdir -p "$suites"
    ( flock 9; make_suite_system "$@" ) 9>"$suites/system.lock"
}

make_suite_system() {
    local suite=$1 root=$suites/$1/system-$2 mirror
    shift
    if [ ! -e "$root/complete" ]; then
        [ "$(id -u)" -eq 0 ] || { say "a system of Debian's $suite can only be made by root"; return 77; }
        command -v debootstrap >/dev/null || { say "debootstrap is missing"; return 77; }
        # Fetches the lists, and with them the mirror.
        suite_apt "$suite" clean || return
        mirror=$(sed -n 's/^URIs: //p' "$suites/$suite/sources.d/debian.sources")
        # The remains of an interrupted run; never anything that is mounted in it.
        if [ -e "$root" ]; then
            umount -q -l "$root/proc" "$root/sys" 2>/dev/null || true
            rm -rf --one-file-system "$root"
        fi
        mkdir -p "$root"
        debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$suites/$suite/log" 2>&1 ||
            { tail -n 3 "$suites/$suite/log" >&2; return 77; }
        # The installation must not start services.
        printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
        chmod +x "$root/usr/sbin/policy-rc.d"
        chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
            >>"$suites/$suite/log" 2>&1 || { tail -n 3 "$suites/$suite/log" >&2; return 77; }
        umount -q -l "$root/proc" "$root/sys" 2>/dev/null || true
        rm -f "$root"/var/cache/apt/archives/*.deb
        touch "$root/complete"
    fi
    printf '%s\n' "$root"
}
