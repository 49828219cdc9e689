#!/bin/sh
# `virtaamo …` as the service's own user and with its settings, from anywhere. Copy to /usr/local/bin/virtaamo.
case $(id -un) in
virtaamo) ;;
root) exec runuser -u virtaamo -- "$0" "$@" ;;
*) exec sudo -u virtaamo -- "$0" "$@" ;;
esac
export VIRTAAMO_CONFIG=/etc/virtaamo/virtaamo.toml
exec /opt/virtaamo/.venv/bin/virtaamo "$@"
