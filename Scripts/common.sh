# Shared by Scripts/run and Scripts/test: finds missing programs and installs them. Sourced, not run.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# [about=SENTENCE] quietly COMMAND... - shows the command's output only when it fails: --quiet does not keep SwiftPM from
# reporting what it fetches. The sentence is printed when SwiftPM has something to fetch or to compile. Every half minute
# it prints SwiftPM's progress, because a first build takes some time.
quietly() {
    local log status=0 step ticker about=${about:-} seconds=0
    log=$(mktemp)
    # Not longer than this script: its background process does not receive Ctrl-C.
    while sleep 1 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
        # Planning, and writing the compiler's version, are steps of every build.
        if [ -n "$about" ] && grep -qE '^Fetching |^\[[0-9]+/[0-9]+\] (Write sources|Compiling|Emitting|Linking)' "$log"; then
            say "$about"
            about=
        fi
        seconds=$((seconds + 1))
        [ $((seconds % 30)) -eq 0 ] || continue
        step=$(grep -oE '^\[[0-9]+/[0-9]+\]' "$log" | tail -n 1) || true
        say "  $step after $SECONDS s"
    done &
    ticker=$!
    "$@" >"$log" 2>&1 || status=$?
    kill "$ticker" 2>/dev/null || true
    wait "$ticker" 2>/dev/null || true
    [ "$status" -eq 0 ] || grep -vE '^\[[0-9]+/[0-9]+\]' "$log" >&2 || true
    rm -f "$log"
    return "$status"
}

# require YES PACKAGE... - installs the Debian packages that are missing; asks first unless YES is 1.
# Services that were not running before are stopped again: Debian starts mosquitto when it installs it.
require() {
    local yes=$1 package missing=() was_running=0
    shift
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    command -v apt-get >/dev/null || die "missing: ${missing[*]}; this system has no apt-get, install them by hand"
    say "Missing Debian packages: ${missing[*]}"
    if [ "$yes" != 1 ]; then
        [ -t 0 ] || die "run again with --yes to install them, or: sudo apt-get install ${missing[*]}"
        read -r -p "Install them with apt-get? [Y/n] " answer
        case $answer in '' | [Yy]*) ;; *) die "not installed" ;; esac
    fi
    local root=()
    [ "$(id -u)" -eq 0 ] || root=(sudo)
    service_runs && was_running=1
    local log
    log=$(mktemp)
    "${root[@]}" apt-get update -qq >"$log" 2>&1 || say "apt-get update failed; trying with the lists that are there"
    if ! "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        tail -n 20 "$log" >&2
        die "apt-get could not install ${missing[*]}"
    fi
    rm -f "$log"
    if [ "$was_running" -eq 0 ] && service_runs; then
        if [ -d /run/systemd/system ]; then
            "${root[@]}" systemctl disable --now --quiet mosquitto.service || true
        else
            "${root[@]}" service mosquitto stop >&2 || true
        fi
    fi
}

# The packages with the libraries that the build needs; pkg-config finds them.
mapfile -t libraries < <(sed -nE 's/.*\.apt\(\["([^"]+)"\]\).*/\1/p' Package.swift)

# True while Debian's own mosquitto service runs, as opposed to a manually started one.
service_runs() { pgrep -f 'mosquitto -c /etc/mosquitto/mosquitto.conf' >/dev/null 2>&1; }

# require_swift - a toolchain of the version in Package.swift.
require_swift() {
    command -v swift >/dev/null || die "no Swift toolchain: install Swift 6.2 or newer from swift.org/install/linux"
    local version
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -1)
    read -r major minor <<<"$version"
    if [ "${major:-0}" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
        die "Swift 6.2 or newer is needed, this is ${major:-?}.${minor:-?}"
    fi
}

# commands_below HEADING PAGE - the first commands below a heading of a page.
commands_below() {
    awk -v heading="$1" '/^#/ { isHere = $0 == heading } /^```/ { if (isCode) exit; isCode = isHere && $0 == "```sh"; next } isCode' "$2"
}

# python_environment NAME REQUIREMENTS [MINOR] - a virtual environment of the project, created again when the requirements
# change; prints its python. MINOR: Python 3.MINOR or newer is needed. 77, with a sentence: PyPI or Python is not available
# here. Any other failure, above all a requirement that pip refuses, is an error.
python_environment() {
    local home=$PWD/.build-$1 requirements=$2 minor=${3:-0}
    mkdir -p "$home"
    (
        flock 9
        cmp -s "$requirements" "$home/venv/installed" && exit 0
        rm -rf "$home/venv"
        command -v python3 >/dev/null || { say "skipped: python3 is missing"; exit 77; }
        python3 -c "import sys; sys.exit(sys.version_info < (3, $minor))" \
            || { say "skipped: Python 3.$minor is needed, this is $(python3 -V 2>&1)"; exit 77; }
        python3 -m venv "$home/venv" >"$home/install.log" 2>&1 \
            || { say "skipped: no virtual environment: apt install python3-venv"; exit 77; }
        if ! "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --timeout 10 \
            --retries 1 -r "$requirements" >>"$home/install.log" 2>&1; then
            tail -n 5 "$home/install.log" >&2
            grep -Eq 'Retrying|ConnectionError|Connection refused|timed out|name resolution|ProxyError|SSLError' \
                "$home/install.log" && { say "skipped: PyPI cannot be reached"; exit 77; }
            exit 1
        fi
        cp "$requirements" "$home/venv/installed"
    ) 9>"$home/lock" || return
    printf '%s\n' "$home/venv/bin/python"
}

# table_of TESTS - runs tests that write the rows of a table, and prints each row when it arrives. Ends with 1 if a test
# fails.
table_of() {
    local log table run status=0
    log=$(mktemp) table=$(mktemp)
    OBIS_KILL_TABLE=$table swift test --skip-build --no-parallel --filter "$1" >"$log" 2>&1 &
    run=$!
    # The background process does not receive Ctrl-C.
    trap "kill $run 2>/dev/null || true; rm -f '$log' '$table'" EXIT
    tail -f --pid="$run" "$table"
    wait "$run" || status=$?
    # A name that matches no test, and a test that did not run, are failures too.
    [ -s "$table" ] || die "nothing has run: $(tail -n 3 "$log")"
    if grep -q 'recorded an issue' "$log"; then
        grep -A 20 'recorded an issue' "$log" >&2 || true
        die "something was lost, or could not be run"
    fi
    return "$status"
}
