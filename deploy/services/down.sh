#!/usr/bin/env bash
# Ends what still runs from the private tree and clears its left-over data.
#
#   down.sh                       leaves the tree itself for next time
#   down.sh --delete-tree [DIR]   deletes it, after making sure that nothing is mounted inside:
#                                 deleting through a mount would delete the machine's own files
# Packages installed by apt stay.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
delete=
[ "${1:-}" != --delete-tree ] || { delete=1; shift; }
tree=${1:-"$here/.services/trixie"}

say() { printf 'services: %s\n' "$*"; }

[ -d "$tree" ] || exit 0
[ "$(id -u)" = 0 ] || { say "needs root to clear $tree" >&2; exit 1; }
tree=$(cd "$tree" && pwd -P)

mounts_inside() { awk -v below="$tree/" 'index($2, below) == 1 { print $2 }' /proc/self/mounts; }

living_inside() {  # processes whose root is the tree
    local root
    for root in /proc/[0-9]*/root; do
        if [ "$(readlink "$root" 2>/dev/null)" = "$tree" ]; then
            basename "$(dirname "$root")"
        fi
    done
}

for pid in $(living_inside); do
    say "ending process $pid, left over in $tree"
    kill -QUIT "$pid" 2>/dev/null || true
    kill -CONT "$pid" 2>/dev/null || true
done
for _ in $(seq 100); do
    [ -n "$(living_inside)" ] || break
    sleep 0.1
done

mounts_inside | sort -r | while read -r place; do
    say "unmounting $place"
    umount "$place"
done
if [ -n "$(mounts_inside)" ]; then
    say "something is still mounted inside $tree; nothing was deleted" >&2
    exit 1
fi

if [ -n "$delete" ]; then
    rm -rf --one-file-system "$tree"
    say "deleted $tree"
else
    rm -rf --one-file-system "$tree/var/lib/guanche"
fi
