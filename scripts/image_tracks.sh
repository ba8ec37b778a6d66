#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures 2D tracks on real ones: interpolation with every 3rd, 5th and 10th label kept, and propagation by optical flow.
# Usage: scripts/image_tracks.sh [DATA], the folder of real datasets (default: $SWEEPMARK_TEST_DATA or ../shared/data)
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:-${SWEEPMARK_TEST_DATA:-../shared/data}}
cmake --preset dev >/dev/null
cmake --build --preset dev --target image_track_accuracy >/dev/null
build/dev/tests/tracking/image_track_accuracy "$data"
