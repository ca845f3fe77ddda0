#!/usr/bin/env bash
# Fetches the older rsyncs that this Debian still offers beside the installed one, as peers for the interop tests
# (tests/support/generations.ts). Others, as rsync-3.0.0 and the like, may be put into the same directory by hand.
set -euo pipefail
directory=${TSRSYNC_OLD_RSYNC:-/opt/rsync-old}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

installed=$(dpkg-query --show --showformat='${Version}' rsync 2>/dev/null || true)
[ -n "$(apt-cache madison rsync)" ] || apt-get update -qq
for version in $(apt-cache madison rsync | awk -F'|' '/Packages/ { gsub(/ /, "", $2); print $2 }' | sort -u); do
  [ "$version" != "$installed" ] || continue
  release=${version#*:}                # without epoch, Debian's own number and +ds1
  release=${release%%[-+]*}
  [ ! -x "$directory/rsync-$release" ] || continue
  apt-get download -qq "rsync=$version"
  dpkg-deb --extract rsync_*.deb package
  "package/usr/bin/rsync" --version | sed -n 1p
  mkdir -p "$directory"
  install package/usr/bin/rsync "$directory/rsync-$release"
  rm -rf rsync_*.deb package
done
