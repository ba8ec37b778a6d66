#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what Sweepmark needs on Debian 12: packages by name, and a Python virtual environment in .venv for what comes
# from PyPI. Says what it does; takes under a second when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }

packages=(
  g++ cmake ninja-build ccache git pkg-config              # building
  dpkg-dev                                                 # scripts/package.sh: what a package depends on
  libtbb-dev libhwy-dev                                    # kernels: threads, vectors
  libopencv-dev                                            # optical flow, regions of pictures; video for measuring
  libpolyclipping-dev                                      # outlines put together and cut
  libeigen3-dev libpcl-dev libopen3d-dev                   # geometry, point files, and the peers we measure against
  libcli11-dev libfmt-dev libspdlog-dev                    # command line, messages
  libsimdjson-dev nlohmann-json3-dev libpugixml-dev libyaml-cpp-dev  # JSON, XML, YAML
  libcairo2-dev libpng-dev libzip-dev                      # plots, pictures, .npz files
  libavformat-dev libavcodec-dev libswscale-dev libavutil-dev  # video: FFmpeg
  libsqlite3-dev libzstd-dev                               # the label store
  libvulkan-dev glslang-tools mesa-vulkan-drivers          # viewer: Vulkan, shaders, the software driver
  libglfw3-dev libimgui-dev fonts-inter                    # its window, panels and letters
  vulkan-validationlayers libjpeg62-turbo-dev              # its tests; camera images
  libgtest-dev libbenchmark-dev                            # tests, benchmarks
  xvfb xdotool                                             # a display for the window's tests, and its mouse and keys
  python3-venv python3-dev                                 # for .venv; the Python module
)
# Only for fuzzing (Clang 14 cannot compile the ranges of the standard library), for checking style, and for measuring the
# pictures beside Open3D's window: scripts/setup.sh --developer
developer_packages=(clang-16 libclang-rt-16-dev clang-format clang-tidy xvfb xauth libgl1-mesa-dri)
[[ "${1:-}" == "--developer" ]] && packages+=("${developer_packages[@]}")

missing=()
installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' 2>/dev/null | awk '$2 == "installed" { print $1 }')
for package in "${packages[@]}"; do
  grep -qx -- "$package" <<<"$installed" || missing+=("$package")
done

if ((${#missing[@]})); then
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  as_root=()
  if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || { echo "setup: not root and no sudo: as root, run: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
  fi
  log=$(mktemp)
  if ! { "${as_root[@]}" apt-get update -qq &&
         "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "setup: apt-get failed; the whole log is in $log" >&2
    exit 1
  fi
  rm -f "$log"
else
  say "Debian packages: nothing is missing"
fi

# The stamp holds the requirements that .venv was made from: other lists make it anew.
requirements=(scripts/requirements.txt scripts/requirements-readers.txt)
if ! cmp -s <(cat "${requirements[@]}") .venv/requirements.stamp; then
  say "Creating .venv with $(grep -hv '^#' "${requirements[@]}" | tr '\n' ' ')"
  /usr/bin/python3 -m venv --clear .venv
  .venv/bin/pip install --quiet --disable-pip-version-check --requirement scripts/requirements.txt
  .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement scripts/requirements-readers.txt
  cat "${requirements[@]}" >.venv/requirements.stamp
else
  say "Python environment .venv: nothing is missing"
fi
