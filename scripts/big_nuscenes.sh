#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long tables of the full nuScenes dataset's size take, and how much memory, beside its devkit reading them: the figures
# in docs/formats.md. Needs a build (scripts/test.sh), GNU time and 20 GB of memory for the devkit.
# Usage: scripts/big_nuscenes.sh [FOLDER]   (keeps the tables there; default: a temporary folder)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tables=${1:-$work/tables}
[[ -d $tables ]] || scripts/big_nuscenes.py "$tables"
ls -l "$tables"/v1.0-big/sample_annotation.json | awk '{ printf "sample_annotation.json: %.2f GB\n", $5 / 1e9 }'
measure() {  # title, command
  local title=$1
  shift
  /usr/bin/time -f "%e %U %S %M" -o "$work/time" "$@" >"$work/log" 2>&1 || { tail "$work/log" >&2; exit 1; }
  awk -v title="$title" '{ printf "%-58s %7.1f s, CPU %6.1f s, peak %6.0f MiB\n", title, $1, $2 + $3, $4 / 1024 }' "$work/time"
}
sweepmark=build/dev/cli/sweepmark
measure "one scene of it: sweepmark info --scene scene-0400" $sweepmark info "$tables" --scene scene-0400
measure "all scenes: sweepmark info" $sweepmark info "$tables"
measure "all scenes: sweepmark convert --to argoverse2" $sweepmark convert "$tables" "$work/av2" --to argoverse2 --lossy
measure "all scenes: sweepmark convert --to sweepmark_json" $sweepmark convert "$tables" "$work/json" --to sweepmark_json --lossy
measure "nuscenes-devkit: NuScenes(...), reading alone" env PYTHONPATH=tests/support/python .venv/bin/python -c "
import reading_only
from nuscenes.nuscenes import NuScenes
NuScenes(version='v1.0-big', dataroot='$tables', verbose=False)"
