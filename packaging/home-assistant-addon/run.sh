#!/bin/sh
# Turns the options of the add-on into a bridge.yaml, asks the Supervisor for the broker, and becomes the bridge.
#   run.sh [run | check]
# OPTIONS, CONFIG, RUNTIME, STATE, SUPERVISOR and DEVICES are where Home Assistant has them, unless told.
set -eu

options=${OPTIONS:-/data/options.json}
folder=${CONFIG:-/config}
runtime=${RUNTIME:-/run/obis-bridge}
state=${STATE:-/data/history}
supervisor=${SUPERVISOR:-http://supervisor}
devices=${DEVICES:-/dev}
command=${1:-run}

say() { printf '%s\n' "$*" >&2; }
# 78, as the bridge itself says that a configuration cannot work.
die() { say "error: $*"; exit 78; }
option() { jq -r --arg name "$1" '.[$name] // "" | tostring' "$options"; }
# As a scalar of YAML: JSON is YAML, and a $ must not be taken for a variable.
quoted() { printf '%s' "$1" | jq -Rs .; }

[ -r "$options" ] || die "cannot read $options"
jq -e 'type == "object"' "$options" >/dev/null 2>&1 || die "$options is no JSON object"
umask 077
mkdir -p "$runtime" "$state"

broker=$(option broker) username=$(option username) password=$(option password)
if [ -z "$broker" ]; then
    [ -z "$username$password" ] || say "warning: username and password are used together with \"broker\" only"
    # The token goes by standard input: a command line can be read by everybody.
    answer=$(printf 'header = "Authorization: Bearer %s"\n' "${SUPERVISOR_TOKEN:-}" \
        | curl --silent --show-error --max-time 10 --config - "$supervisor/services/mqtt") \
        || die "the Supervisor did not answer"
    service=$(printf '%s' "$answer" | jq -c 'select(.result == "ok") | .data // empty' 2>/dev/null) || service=
    [ -n "$service" ] && [ "$(printf '%s' "$service" | jq -r '.host // ""')" ] \
        || die "no MQTT broker: install the add-on \"Mosquitto broker\", or write \"broker\" in the options"
    field() { printf '%s' "$service" | jq -r --arg name "$1" '.[$name] // "" | tostring'; }
    scheme=mqtt
    [ "$(field ssl)" != true ] || scheme=mqtts
    broker=$scheme://$(field host):$(field port)
    username=$(field username) password=$(field password)
fi
printf '%s' "$password" >"$runtime/password"
# For ${NAME} in a bridge.yaml of the user's own, too.
export MQTT_URL="$broker" MQTT_USERNAME="$username" MQTT_PASSWORD_FILE="$runtime/password"

file=$(option config_file)
if [ -n "$file" ]; then
    case /$file/ in */../*) die "config_file \"$file\" is outside the folder of this add-on" ;; esac
    configuration=$folder/${file#/config/}
    [ -r "$configuration" ] || die "there is no config_file \"$file\" in the folder of this add-on"
else
    configuration=$runtime/bridge.yaml
    {
        echo 'bridge: home-assistant'
        echo 'broker:'
        echo '  url: "${MQTT_URL}"'
        if [ -n "$username" ]; then
            echo '  username: "${MQTT_USERNAME}"'
            echo '  password_file: "${MQTT_PASSWORD_FILE}"'
        fi
        zone=$(option zone)
        [ -z "$zone" ] || printf 'zone: %s\n' "$(quoted "$zone")"
        level=$(option log_level)
        [ -z "$level" ] || printf 'log: {level: %s}\n' "$level"
        if [ "$(jq -r '.discovery' "$options")" = false ]; then
            echo 'outputs: [harmonized]'
        else
            echo 'outputs: [harmonized, home-assistant]'
        fi
        # The page: the Supervisor asks for it from this address (developers.home-assistant.io, "Presenting your app").
        echo 'http: {listen: "0.0.0.0:8099", proxy: 172.30.32.2}'
        # Home Assistant's backup of this add-on takes /data along.
        printf 'history: {file: %s}\n' "$(quoted "$state/history.db")"
        sources=$(option sources)
        if [ -n "$sources" ]; then
            echo 'sources:'
            printf '%s\n' "$sources" | sed 's/^/  /'
        fi
    } >"$configuration"
fi

program=${PROGRAM:-/usr/bin/obis-bridge}
# The Supervisor makes a new container for each start: what the bridge remembers of its own end stands beside the history.
export RUNTIME_DIRECTORY="$state"
if [ "$(id -u)" -eq 0 ] && getent passwd obis-bridge >/dev/null; then
    chown -R obis-bridge: "$runtime" "$state"
    # A serial port belongs to a group of the host, whose number means nothing in here.
    groups=$(for port in "$devices"/ttyUSB* "$devices"/ttyACM* "$devices"/ttyAMA* "$devices"/ttyS*; do
        [ ! -e "$port" ] || stat -Lc %g "$port"
    done | sort -nu | grep -vx 0 | paste -sd, -)
    if [ -n "$groups" ]; then set -- --groups "$groups"; else set -- --init-groups; fi
    exec setpriv --reuid obis-bridge --regid obis-bridge "$@" "$program" "$command" --config "$configuration"
fi
exec "$program" "$command" --config "$configuration"
