#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes build/gpu_bundle: the kernels' tests and CUDA benchmarks with the libraries they need beside them, to be copied to
# a machine with an NVIDIA GPU where nothing else is installed (x86-64 Linux, glibc 2.36 or later, a driver for CUDA 13) and
# run there with gpu_check.sh.
#   scripts/gpu_bundle.sh                            # machine code for the GPUs that matter, from Ampere on
#   scripts/gpu_bundle.sh --architectures "90-real"  # one of them only: quicker
#   scripts/gpu_bundle.sh --check                    # also: does everything start in a root that holds glibc alone?
set -euo pipefail
cd "$(dirname "$0")/.."

architectures="80-real;86-real;89-real;90-real;100-real;120-real"
check=
while (($#)); do
  case $1 in
    --architectures) architectures=$2; shift 2 ;;
    --check) check=1; shift ;;
    *) echo "gpu_bundle: unknown argument $1 (expected --architectures LIST or --check)" >&2; exit 2 ;;
  esac
done

build=build/gpu bundle=build/gpu_bundle
cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Release -DSWEEPMARK_CUDA=ON -DSWEEPMARK_KERNELS_ONLY=ON \
  -DSWEEPMARK_BENCHMARKS=ON -DCMAKE_CUDA_ARCHITECTURES="$architectures"
cmake --build $build

rm -rf $bundle
mkdir -p $bundle/bin $bundle/lib
cp $build/tests/kernels/kernels_tests $build/tests/benchmarks/{kernels_cuda_bench,write_bench_cloud} $bundle/bin/
cp scripts/gpu_check.sh scripts/gpu_check_report.py scripts/gpu_peers.py $bundle/
# Pictures: built with the whole tree (cmake --preset bench), so only where that was done. The NVIDIA driver of Vulkan itself
# needs libraries of X11 and OpenGL that a bare machine lacks.
if [[ -x build/bench/tests/benchmarks/offscreen_bench ]]; then
  cp build/bench/tests/benchmarks/offscreen_bench $bundle/bin/
  for library in vulkan.so.1 GLdispatch.so.0 X11.so.6 Xext.so.6 xcb.so.1 Xau.so.6 Xdmcp.so.6 bsd.so.0 md.so.0 EGL.so.1 GL.so.1 \
    GLX.so.0 OpenGL.so.0; do
    cp -L /usr/lib/x86_64-linux-gnu/lib$library $bundle/lib/ 2>/dev/null || echo "gpu_bundle: lib$library is not here, left out"
  done
fi
strip $bundle/bin/*
# glibc's own libraries belong to the machine; all others travel.
ldd $bundle/bin/* | awk '$2 == "=>" { print $3 }' | sort -u |
  grep -vE '/(libc|libm|libdl|librt|libpthread|libresolv)\.so' | xargs -I{} cp -L {} $bundle/lib/
git describe --always --dirty >$bundle/VERSION 2>/dev/null || echo unknown >$bundle/VERSION
echo "made $bundle, $(du -sh $bundle | cut -f1), revision $(cat $bundle/VERSION)"

[[ -n $check ]] || exit 0
# A root with glibc and nothing else: what is missing from the bundle shows here, not on the GPU machine.
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{lib/x86_64-linux-gnu,lib64,tmp}
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
for library in c m dl rt pthread; do cp -L /lib/x86_64-linux-gnu/lib$library.so.? "$root/lib/x86_64-linux-gnu/"; done
cp -r $bundle "$root/bundle"
inside() { unshare --map-root-user --root="$root" /lib64/ld-linux-x86-64.so.2 --library-path /bundle/lib:/lib/x86_64-linux-gnu "$@"; }
inside /bundle/bin/kernels_tests --gtest_brief=1 >"$root/out" 2>&1 || { tail "$root/out"; exit 1; }
grep -q "no CUDA device can be used" "$root/out" || { echo "gpu_bundle: the GPU tests did not say that there is no device" >&2; exit 1; }
inside /bundle/bin/kernels_cuda_bench --benchmark_min_time=0.001 >"$root/out" 2>&1 || true
grep -q "no CUDA device can be used" "$root/out" || { tail "$root/out"; exit 1; }
inside /bundle/bin/write_bench_cloud /tmp && [[ -s $root/tmp/points.f32 ]]
echo "checked: every program starts in a bare root, and says that there is no device"
