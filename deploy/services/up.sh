#!/usr/bin/env bash
# Provides TimescaleDB and mosquitto for tests, soak and bench on Debian or Ubuntu. Needs root.
#
# Installs only: the tests start private servers from here, on free ports, with fresh data.
# Where the distribution has no TimescaleDB, a Debian 13 tree of its own is made in .services/
# and entered by chroot. Nothing is mounted into it. Safe to run again.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
services="$here/.services"
tree="$services/trixie"
log="$services/install.log"
package=postgresql-17-timescaledb

say() { printf 'services: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

quietly() {  # run a command; show the end of its output only if it fails
    if ! "$@" >>"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        fail "this failed (all of it in $log): $*"
    fi
}

refresh_lists() {  # once a run
    [ -n "${lists_fresh:-}" ] && return
    say "reading the package lists"
    quietly apt-get update -q
    lists_fresh=1
}

has_package() { apt-cache show "$1" >/dev/null 2>&1; }
is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

install() {
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    # Old lists name packages that the mirror has replaced since.
    apt-get install -y -q --no-install-recommends "$@" >>"$log" 2>&1 </dev/null && return
    refresh_lists
    quietly apt-get install -y -q --no-install-recommends "$@"
}

provide_mosquitto() {
    PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v mosquitto >/dev/null && return
    has_package mosquitto || refresh_lists
    install mosquitto mosquitto-clients
    # The package starts a broker on the standard port; nobody asked for that one.
    if [ -d /run/systemd/system ]; then
        quietly systemctl disable --now mosquitto
    elif [ -x /etc/init.d/mosquitto ]; then
        /etc/init.d/mosquitto stop >>"$log" 2>&1 || true
    fi
}

find_control() {  # the extension below this root, for a PostgreSQL new enough (17 or later)
    compgen -G "$1/usr/share/postgresql/1[7-9]/extension/timescaledb.control" | tail -n 1 || true
}

provide_timescaledb() {
    [ -z "$(find_control "")" ] || return 0
    [ -z "$(find_control "$tree")" ] || return 0
    has_package "$package" || refresh_lists
    if has_package "$package"; then
        if ! is_installed postgresql-common; then  # no cluster on the standard port
            mkdir -p /etc/postgresql-common/createcluster.d
            echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/guanche.conf
        fi
        install "$package"
    else
        build_tree
    fi
}

build_tree() {
    is_installed debootstrap || install debootstrap
    if has_package debian-archive-keyring && ! is_installed debian-archive-keyring; then
        install debian-archive-keyring  # Ubuntu
    fi
    say "making a Debian 13 tree with TimescaleDB (about a minute)"
    "$here/deploy/services/down.sh" --delete-tree "$tree.partial"
    quietly debootstrap --variant=minbase --include="postgresql-17,$package" trixie "$tree.partial"
    rm -f "$tree.partial"/var/cache/apt/archives/*.deb
    mkdir -p "$tree.partial/dev/shm"
    chmod 1777 "$tree.partial/dev/shm"
    mv "$tree.partial" "$tree"  # complete or absent
}

report() {
    local root='' where='the distribution' control version
    PATH="$PATH:/usr/sbin:/usr/local/sbin"
    say "in use: $(mosquitto -h | head -n 1) ($(command -v mosquitto))"
    control=$(find_control "")
    if [ -z "$control" ]; then
        root=$tree
        where='its own Debian 13 tree, .services/trixie'
        control=$(find_control "$tree")
    fi
    version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$control")
    say "in use: TimescaleDB $version, $(chroot "${root:-/}" \
        /usr/lib/postgresql/"$(basename "$(dirname "$(dirname "$control")")")"/bin/postgres --version \
        | sed 's/^postgres (PostgreSQL)/PostgreSQL/') ($where)"
}

[ "$(id -u)" = 0 ] || fail "needs root (packages are installed)"
command -v apt-get >/dev/null || fail "needs apt-get: this is for Debian and Ubuntu"
mkdir -p "$services"
exec 9>"$services/lock"
flock 9
: >"$log"
provide_mosquitto
provide_timescaledb
report
