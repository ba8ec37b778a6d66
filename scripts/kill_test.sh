#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kills a writer of a label store with SIGKILL at random moments and checks what is left. Usage: scripts/kill_test.sh [TIMES]
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --build --preset dev --target data_tests
SWEEPMARK_KILLS=${1:-500} build/dev/tests/data/data_tests --gtest_filter='StoreKill.*'
