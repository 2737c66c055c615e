# shellcheck shell=bash
# A Home Assistant in a root of its own. Sourced after common.sh and packaging/roots.sh.

# home_assistant VERSION - sets root to a system with that Home Assistant from PyPI. 77: PyPI is not available here.
home_assistant() {
    local version=$1 suite python log
    # The Python that a release requires, and the Debian suite that has it.
    case $version in
        2024.* | 2025.*) suite=trixie python=python3.13 ;;
        *) suite=sid python=python3.14 ;;
    esac
    system "home-assistant-$suite" "$suite" amd64 "$python-venv" "$python-dev" gcc g++ libturbojpeg0 faketime ca-certificates
    root=$roots/home-assistant-$suite
    [ ! -e "$root/home-assistant/$version/installed" ] || return 0
    say "== Home Assistant $version in $root"
    rm -rf "$root/home-assistant/$version"
    mkdir -p "$root/config" "$root/home-assistant"
    # A proxy's certificate is trusted there too.
    [ ! -e /etc/ssl/certs/ca-certificates.crt ] || cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/host.crt"
    log=$root/home-assistant/install.log
    in_system "$root" "$python" -m venv "/home-assistant/$version" >"$log" 2>&1 || { tail -n 5 "$log" >&2; die "no virtual environment"; }
    if ! in_system "$root" env PIP_CERT=/etc/ssl/certs/host.crt "/home-assistant/$version/bin/pip" install --quiet --disable-pip-version-check \
        --no-input --timeout 20 --retries 1 "homeassistant==$version" >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        ! grep -Eq 'Retrying|ConnectionError|timed out|name resolution|ProxyError' "$log" || return 77
        die "Home Assistant $version cannot be installed"
    fi
    touch "$root/home-assistant/$version/installed"
}
