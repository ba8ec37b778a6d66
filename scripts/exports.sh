#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What we write, read by the other tools' own libraries from PyPI, values compared: Supervisely's SDK and the models of
# Segments.ai's. They are 800 MB with what they need, so that they are no part of the tests. Needs a build
# (scripts/test.sh), the datasets (SWEEPMARK_TEST_DATA or ../shared/data) and PyPI; says so and ends with 77 where it
# cannot run. Usage: scripts/exports.sh [VENV]   (default: build/exports-venv, made where it is not there)
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-build/exports-venv}
data=${SWEEPMARK_TEST_DATA:-../shared/data}
sweepmark=build/dev/cli/sweepmark
cannot() { echo "exports: cannot run: $*" >&2; exit 77; }
[[ -x $sweepmark ]] || cannot "no $sweepmark (scripts/test.sh builds it)"
[[ -d $data/kitti_tracking ]] || cannot "no datasets in $data (SWEEPMARK_TEST_DATA says where)"
if ! "$venv/bin/python" -c 'import segments, supervisely' 2>/dev/null; then
  python3 -m venv "$venv" && "$venv/bin/pip" install -q supervisely==6.74.51 segments-ai==1.33.0 ||
    cannot "supervisely and segments-ai cannot be installed into $venv"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() {  # format, its output's name, comparison, dataset, scene (or nothing)
  local scene=() out=$work/$2
  [[ -n ${5:-} ]] && scene=(--scene "$5")
  rm -rf "${work:?}"/*
  "$sweepmark" convert "$4" "$out" "${scene[@]}" --to "$1" --lossy >"$work/log" 2>&1 || { cat "$work/log"; return 1; }
  # Beside it, the same labels in our own format. What the other format cannot hold is listed in the log, not compared.
  "$sweepmark" convert "$4" "$work/scene.sweepmark.json" "${scene[@]}" --lossy >>"$work/log" 2>&1 || { cat "$work/log"; return 1; }
  printf '%-12s %-28s ' "$1" "$(basename "$4") ${5:-}"
  "$venv/bin/python" "tests/support/python/$3" "$out" "$work/scene.sweepmark.json"
}

log=7fab2350-7eaf-3b7e-a39d-6937a4c1bede
check supervisely project compare_supervisely.py "$data/kitti_tracking/training" 0000
check supervisely project compare_supervisely.py "$data/argoverse2/sensor/val/$log"
check supervisely project compare_supervisely.py "$data/pandaset_002"
check supervisely project compare_supervisely.py "$data/cases/bring/supervisely_clouds"
check segments_ai release.json compare_segments.py "$data/kitti_tracking/training" 0000
check segments_ai release.json compare_segments.py "$data/argoverse2/sensor/val/$log"
check segments_ai release.json compare_segments.py "$data/pandaset_002"
