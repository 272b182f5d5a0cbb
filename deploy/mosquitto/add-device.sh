#!/bin/sh
# Gives a vehicle terminal, or a service, its password at the broker; or takes it away.
#
#   add-device.sh SERIAL             make the credential, print the password once
#   add-device.sh --replace SERIAL   the same for one that exists: its old password ends
#   add-device.sh --revoke SERIAL    remove it: a connected device is put off at the reload
#   add-device.sh --service NAME     make the credential of a service named in the acl file
#
# Runs in the broker's container (docker compose exec mosquitto /mosquitto/config/add-device.sh …)
# or on the host. The broker is told to read its files again if its pid file is found.
#   PASSWORD_FILE   [/mosquitto/secrets/passwords]
#   PID_FILE        [/mosquitto/data/mosquitto.pid]; empty: no reload, for adding many at once
set -eu
umask 077

PASSWORD_FILE=${PASSWORD_FILE:-/mosquitto/secrets/passwords}
PID_FILE=${PID_FILE-/mosquitto/data/mosquitto.pid}
SERVICES="ingest monitor simulator"
draft=$PASSWORD_FILE.draft

refuse() {
    echo "add-device.sh: $1" >&2
    exit 1
}

usage() {
    sed -n '4,7s/^# \{0,3\}//p' "$0" >&2
    exit 2
}

is_service() {
    for service in $SERVICES; do
        [ "$1" != "$service" ] || return 0
    done
    return 1
}

has_credential() {
    [ -f "$PASSWORD_FILE" ] && cut -d: -f1 "$PASSWORD_FILE" | grep -Fqx -- "$1"
}

# The draft doubles as a lock: two runs at once would lose one of the two changes.
begin_draft() {
    (set -C && : >"$draft") 2>/dev/null ||
        refuse "another run is changing $PASSWORD_FILE; if none is, remove $draft"
    trap 'rm -f "$draft" "$draft.new"' EXIT
}

# Everybody but the one named, then the rename: a broker that reads meanwhile sees a whole file.
keep_others() {
    if [ -f "$PASSWORD_FILE" ]; then
        grep -v "^$1:" "$PASSWORD_FILE" >"$draft" || [ $? -eq 1 ]
    fi
}

publish_draft() {
    if [ -f "$PASSWORD_FILE" ]; then
        owner=$(stat -c %u:%g "$PASSWORD_FILE")
        [ "$(stat -c %u:%g "$draft")" = "$owner" ] || chown "$owner" "$draft"
    fi
    mv "$draft" "$PASSWORD_FILE"
}

# mosquitto_passwd -U hashes a file of plain lines. Its -b would show the password to whoever lists
# processes.
append_credential() {
    echo "$1:$2" >"$draft.new"
    mosquitto_passwd -U "$draft.new"
    cat "$draft.new" >>"$draft"
}

reload_broker() {
    if [ -n "$PID_FILE" ] && [ -r "$PID_FILE" ] && kill -HUP "$(cat "$PID_FILE")"; then
        echo "the broker has been told to read its password file again" >&2
    else
        echo "no broker reloaded: send it SIGHUP before this takes effect" >&2
    fi
}

action=add
case ${1:-} in
    --replace | --revoke | --service)
        action=${1#--}
        shift
        ;;
esac
[ $# -eq 1 ] || usage
name=$1

# The serial is a topic level and a user name, so its alphabet is that of schemas/topics.py.
case $name in
    '' | -* | *[!A-Za-z0-9_-]*)
        refuse "'$name' is no serial: letters, digits, _ and -, not starting with -"
        ;;
esac
[ ${#name} -le 64 ] || refuse "a serial has at most 64 characters"
case $action in
    service) is_service "$name" || refuse "services are: $SERVICES" ;;
    add | replace) ! is_service "$name" || refuse "'$name' is a service; use --service" ;;
esac

begin_draft
case $action in
    add) ! has_credential "$name" || refuse "'$name' has a credential; --replace gives another" ;;
    replace | revoke) has_credential "$name" || refuse "'$name' has no credential" ;;
esac
keep_others "$name"
if [ "$action" != revoke ]; then
    password=$(head -c 24 /dev/urandom | base64 | tr '+/' '-_')
    append_credential "$name" "$password"
fi
publish_draft
reload_broker
[ "$action" = revoke ] || echo "$password"
