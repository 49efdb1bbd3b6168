#!/usr/bin/env bash
# Runs a command inside a D-Bus session of its own with a Secret Service (gnome-keyring) in a known state:
#   with-keyring.sh unlocked|locked|stopped|none COMMAND...
# unlocked: answers; locked: its collection is locked; stopped: the daemon hangs (SIGSTOP); none: a session bus without the service.
# HOME and XDG_RUNTIME_DIR are new and removed afterwards; the exit code is the command's.
set -euo pipefail
mode=$1
shift
for tool in dbus-run-session dbus-send gnome-keyring-daemon; do
  command -v "$tool" >/dev/null || { echo "$tool was not found; on Debian: apt-get install gnome-keyring dbus" >&2; exit 127; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME="$folder" XDG_RUNTIME_DIR="$folder/run" XDG_DATA_HOME="$folder/share" XDG_CONFIG_HOME="$folder/config" XDG_CACHE_HOME="$folder/cache"
mkdir -m 700 "$XDG_RUNTIME_DIR"
[ "${DUMONT_KEEP_DISPLAY:-}" = 1 ] || unset DISPLAY WAYLAND_DISPLAY
unset DBUS_SESSION_BUS_ADDRESS
# A bus that starts no service by itself: on the usual one, asking for the service would start it.
cat >"$folder/bus.conf" <<'XML'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
XML
code=0
DUMONT_KEYRING_MODE=$mode dbus-run-session --config-file="$folder/bus.conf" -- bash -c '
  set -u
  bus() { dbus-send --session --print-reply "$@" 2>/dev/null; }
  daemon=""
  if [ "$DUMONT_KEYRING_MODE" != none ]; then
    # An empty line is the password; it creates and unlocks the login collection.
    printf "\n" | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 & daemon=$!
    # The name on the bus comes before what it answers with.
    collections() { bus --dest=org.freedesktop.secrets /org/freedesktop/secrets org.freedesktop.DBus.Properties.Get string:org.freedesktop.Secret.Service string:Collections | grep -q collection/login; }
    for _ in $(seq 200); do
      collections && break
      sleep 0.05
    done
    collections || { echo "gnome-keyring did not start" >&2; exit 126; }
  fi
  case "$DUMONT_KEYRING_MODE" in
    locked) bus --dest=org.freedesktop.secrets /org/freedesktop/secrets org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login >/dev/null \
      || { echo "the keyring could not be locked" >&2; exit 126; } ;;
    stopped) kill -STOP "$daemon" ;;
    unlocked|none) ;;
    *) echo "unknown state of the keyring: $DUMONT_KEYRING_MODE" >&2; exit 126 ;;
  esac
  unset DUMONT_KEYRING_MODE
  code=0
  "$@" || code=$?
  [ -z "$daemon" ] || { kill -KILL "$daemon"; wait "$daemon"; } 2>/dev/null
  exit "$code"' _ "$@" || code=$?
exit "$code"
