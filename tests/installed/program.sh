#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# program.sh PREFIX SOURCE BUILD ARROW viewer|no-viewer: runs the installed program, moved to another folder, where the build
# folder and Arrow's own are hidden (in a private mount namespace, when this machine allows one). Where it does not, that the
# loader looks into neither is all that is shown.
set -euo pipefail
prefix=$1 source=$2 build=$3 arrow=$4 viewer=$5

if [[ ${6:-} != hidden ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/moved"
  cp -a "$prefix/bin" "$prefix/lib" "$prefix/share" "$work/moved/"
  self=$(readlink -f "$0")
  cp "$self" "$work/program.sh"
  run=(bash "$work/program.sh" "$work/moved" "$source" "$build" "$arrow" "$viewer" hidden)
  hide='mount -t tmpfs none "$0" && mount -t tmpfs none "$1" && shift && exec "$@"'
  for namespace in "unshare --mount" "unshare --mount --map-root-user"; do
    if $namespace bash -c "$hide" "$build" "$arrow" true 2>/dev/null; then
      $namespace bash -c "$hide" "$build" "$arrow" "${run[@]}"
      exit 0
    fi
  done
  echo "no private mount namespace here: the build folder is not hidden"
  "${run[@]}"
  exit 0
fi

fail() { echo "FAILED: $*" >&2; exit 1; }
work=$(dirname "$prefix")
program=$prefix/bin/sweepmark
cd "$work"

# The loader finds everything, and nothing in the checkout.
loaded=$(ldd "$program")
! grep -F "not found" <<<"$loaded" || fail "libraries are missing"
! grep -F -e "$source/" -e "$build/" -e "$arrow/" <<<"$loaded" || fail "a library of the checkout is loaded"
[[ $(grep -c "=> $prefix/" <<<"$loaded") == 1 ]] || fail "expected one library beside the program, got: $loaded"
paths=$(readelf --dynamic "$program" | grep -E "R(UN)?PATH")
grep -q '\[$ORIGIN/../lib/sweepmark\]' <<<"$paths" || fail "run path: $paths"
[[ -s $prefix/share/doc/sweepmark/LICENSE && -s $prefix/share/doc/sweepmark/arrow/LICENSE.txt ]] || fail "licences are missing"

expect() {  # expect TEXT COMMAND...: the command succeeds and says so
  local text=$1 out
  shift
  out=$("$@" 2>&1) || fail "$*: $out"
  grep -q -F -- "$text" <<<"$out" || fail "$*: expected \"$text\" in: $out"
}
expect "CPU " "$program" doctor
expect "street" "$program" synth street --seed 3 --seconds 1 --rings 32
expect "nuscenes" "$program" info street
expect "labels of" "$program" convert street log --to argoverse2 --lossy
log=log
shared=${SWEEPMARK_TEST_DATA:-$source/../shared/data}/argoverse2/sensor/val/7fab2350-7eaf-3b7e-a39d-6937a4c1bede
[[ -d $shared ]] && log=$shared
expect "argoverse2" "$program" info "$log"
expect "labels of" "$program" convert "$log" log.sweepmark.json --lossy
expect "sweepmark_json" "$program" info log.sweepmark.json
if [[ $viewer == viewer ]]; then
  printf 'size 640 400\nsettle\nscreenshot window.png\n' >script.txt
  expect '"frame"' "$program" view street --script script.txt --json
  [[ -s window.png ]] || fail "view --script made no picture"
fi
