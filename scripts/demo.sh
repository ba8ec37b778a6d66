#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets everything up, builds the program, and runs the main job on a generated street scene: voxelize the sweeps, count the
# points in the cuboids, interpolate the tracks and measure how good that is. Everything it makes is in out/demo.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\n\033[1m==>\033[0m %s\n' "$*"; }
show() { printf '\033[2m$ %s\033[0m\n' "$*"; "$@"; }

scripts/setup.sh
say "Building (the first time takes a few minutes)"
cmake --preset dev | grep -E '^-- sweepmark:' || true
cmake --build --preset dev --target sweepmark
PATH="$PWD/build/dev/cli:$PATH"
rm -rf out/demo
mkdir -p out/demo
cd out/demo

say "What this machine can do"
show sweepmark doctor
say "A generated street: 10 seconds, 64 rings, moving and parked vehicles, pedestrians"
show sweepmark synth street --seed 7 --seconds 10 --rings 64 --vehicles 16 --pedestrians 10
show sweepmark info street
say "Its LiDAR sweeps, grouped into voxels of 10 cm"
show sweepmark voxelize street --size 0.1
show sweepmark voxelize street --size 0.1 --frames 0:1 -o voxels.ply
say "The points inside each labelled cuboid, against the exact counts that the generator stored"
show sweepmark count street
say "Labels between keyframes: every 5th label kept, the others computed at each sweep, points counted"
show sweepmark interpolate street -o dense.sweepmark.json --keyframes every=5 --at sweeps --count-points
say "How good is that? The labels that were left out are the truth"
show sweepmark interpolate street --keyframes every=5 --evaluate --frame-of both --plot accuracy.png
say "Is anything wrong with these labels? (Objects that the LiDAR cannot see are empty, and right)"
show sweepmark check street
say "A frame with its labels, as a picture"
show sweepmark render street --frame 4 --distance 30 --pitch 22 --yaw -25 -o street.png
say "The window, played from a script: an object selected, moved, taken back (with a display: sweepmark view street)"
printf '%s\n' "size 1600 900" settle "key 2" "key Y" "key W" "key Ctrl+Z" "screenshot window.png" >window.txt
show sweepmark view street --frame 4 --labels window.sweepmark --script window.txt
say "The fewest keyframes from which all labels follow, kept in a store with its history"
show sweepmark thin street -o keyframes.sweepmark --iou 0.9
show sweepmark log keyframes.sweepmark
say "Done. Look at out/demo/window.png, street.png and accuracy.png there, and at out/demo/voxels.ply in any point cloud viewer."
