#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a Debian package of the program in out/package: builds the preset `release` (or the one named: package.sh dev), packs
# it with CPack, and says what it depends on. `package.sh --check FILE.deb` installs one in a bare Debian 12 tree, which
# debootstrap makes, and runs it there; needs root and a mirror.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }

check() {
  local deb=$1 tree
  command -v debootstrap >/dev/null || { echo "package: debootstrap is missing: apt-get install debootstrap" >&2; exit 1; }
  [[ $EUID -eq 0 ]] || { echo "package: --check makes a root file system and needs root" >&2; exit 1; }
  tree=$(mktemp -d)
  trap 'umount "$tree/proc" 2>/dev/null || true; rm -rf --one-file-system "$tree"' EXIT
  say "Making a bare Debian 12 tree"
  debootstrap --variant=minbase bookworm "$tree" "${SWEEPMARK_MIRROR:-http://deb.debian.org/debian}" >"$tree.log" 2>&1 ||
    { tail "$tree.log" >&2; exit 1; }
  rm -f "$tree.log"
  mount -t proc proc "$tree/proc"
  # The machine's way to the mirror: names, proxies.
  cp /etc/resolv.conf "$tree/etc/resolv.conf"
  grep -h '^Acquire::' /etc/apt/apt.conf /etc/apt/apt.conf.d/* 2>/dev/null >"$tree/etc/apt/apt.conf.d/99host" || true
  cp "$deb" "$tree/root/sweepmark.deb"
  say "Installing $deb in it"
  chroot "$tree" env DEBIAN_FRONTEND=noninteractive bash -euc '
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends /root/sweepmark.deb mesa-vulkan-drivers >/root/log 2>&1 || { tail /root/log; exit 1; }
    cd /root
    sweepmark doctor
    sweepmark synth street --seed 3 --seconds 1 --rings 32
    sweepmark count street
    sweepmark render street -o street.png --size 320x200
    printf "size 640 400\nsettle\nscreenshot window.png\n" >script.txt
    sweepmark view street --script script.txt
    test -s street.png && test -s window.png
    dpkg --verify sweepmark'
  say "The package installs and runs in a bare Debian 12 tree"
}

if [[ "${1:-}" == "--check" ]]; then
  check "$(readlink -f "${2:?package.sh --check FILE.deb}")"
  exit 0
fi

preset=${1:-release}
scripts/setup.sh
say "Building preset $preset"
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset"
say "Packing"
mkdir -p out/package
cpack --config "build/$preset/CPackConfig.cmake" -B out/package >out/package/cpack.log 2>&1 || { cat out/package/cpack.log >&2; exit 1; }
rm -rf out/package/_CPack_Packages
deb=$(ls -t out/package/*.deb | head -n 1)
dpkg-deb --field "$deb" Package Version Architecture Depends Recommends
say "$(du -h "$deb" | cut -f1) in $deb: apt-get install ./$deb"
