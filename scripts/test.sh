#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets everything up, builds, and runs all tests. `scripts/test.sh asan` (or tsan) does so with a sanitizer.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-dev}
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }

# What libraries do that are not ours to mend. Set before the build, which runs test programs to list their tests.
export LSAN_OPTIONS="suppressions=$PWD/tests/support/lsan_suppressions.txt:print_suppressions=0"
export TSAN_OPTIONS="suppressions=$PWD/tests/support/tsan_suppressions.txt"

scripts/setup.sh
say "Configuring build/$preset"
cmake --preset "$preset" >build-configure.log 2>&1 || { cat build-configure.log; exit 1; }
grep -E '^-- sweepmark:' build-configure.log || true
rm -f build-configure.log
say "Building with $(nproc) jobs (the first time takes a while; ccache makes the next ones short)"
cmake --build --preset "$preset"
say "Testing"
ctest --preset "$preset" --parallel "$(nproc)" --progress
