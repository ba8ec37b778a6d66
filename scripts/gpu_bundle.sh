#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes build/gpu_bundle: the kernels' tests and CUDA benchmarks with the libraries they need beside them, to be copied to
# a machine with an NVIDIA GPU where nothing else is installed (x86-64 Linux, glibc 2.36 or later, a driver for CUDA 13) and
# run there with gpu_check.sh.
#   scripts/gpu_bundle.sh                            # machine code for the GPUs that matter, from Ampere on
#   scripts/gpu_bundle.sh --architectures "90-real"  # one of them only: quicker
#   scripts/gpu_bundle.sh --data ../shared/data      # with the real sweep that two of the tests want; else they skip
#   scripts/gpu_bundle.sh --check                    # also: does everything start in a root that holds glibc alone?
set -euo pipefail
cd "$(dirname "$0")/.."

architectures="80-real;86-real;89-real;90-real;100-real;120-real"
check='' data=''
while (($#)); do
  case $1 in
    --architectures) architectures=${2:?gpu_bundle: --architectures needs a list}; shift 2 ;;
    --data) data=${2:?gpu_bundle: --data needs a folder}; shift 2 ;;
    --check) check=1; shift ;;
    *) echo "gpu_bundle: unknown argument $1 (expected --architectures LIST, --data FOLDER or --check)" >&2; exit 2 ;;
  esac
done

build=build/gpu bundle=build/gpu_bundle
# An old-style rpath, for it alone also serves the libraries of the libraries (libbenchmark needs libstdc++).
cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Release -DSWEEPMARK_CUDA=ON -DSWEEPMARK_KERNELS_ONLY=ON \
  -DSWEEPMARK_BENCHMARKS=ON -DCMAKE_CUDA_ARCHITECTURES="$architectures" \
  -DCMAKE_BUILD_RPATH='$ORIGIN/../lib' -DCMAKE_EXE_LINKER_FLAGS=-Wl,--disable-new-dtags
# The code for newer processors is chosen at run time; a flag for this machine's processor would end as SIGILL on another.
if flags=$(grep -ohE -e '-m(arch|cpu|tune)=[^ ]+' $build/build.ninja); then
  echo "gpu_bundle: compiled for one processor: $(sort -u <<<"$flags" | xargs)" >&2
  exit 1
fi
cmake --build $build

rm -rf $bundle
mkdir -p $bundle/bin $bundle/lib
cp $build/tests/kernels/kernels_tests $build/tests/benchmarks/{*_cuda_bench,write_bench_cloud} $bundle/bin/
if [[ -n $data ]]; then
  sweep=semantickitti/sequences/00/velodyne/000000.bin
  mkdir -p "$bundle/data/$(dirname $sweep)"
  cp "$data/$sweep" "$bundle/data/$sweep"
fi
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
glibc=$(objdump -T $bundle/bin/* $bundle/lib/* | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1)
[[ $(printf '%s\n' "$glibc" GLIBC_2.36 | sort -V | tail -n 1) == GLIBC_2.36 ]] ||
  { echo "gpu_bundle: what was built here needs $glibc, newer than the 2.36 that is promised" >&2; exit 1; }
megabytes=$(du -sm $bundle | cut -f1)
((megabytes < 60)) || { echo "gpu_bundle: $megabytes MB; a bundle is to stay under 60" >&2; exit 1; }
echo "made $bundle, $(du -sh $bundle | cut -f1), revision $(cat $bundle/VERSION)"

[[ -n $check ]] || exit 0
# A root with glibc and nothing else: what is missing from the bundle shows here, not on the GPU machine.
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{lib/x86_64-linux-gnu,lib64,tmp}
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
for library in c m dl rt pthread; do cp -L /lib/x86_64-linux-gnu/lib$library.so.? "$root/lib/x86_64-linux-gnu/"; done
cp -r $bundle "$root/bundle"
# Programs are started as on any machine, so that the rpath is what finds the libraries; as the root has no /proc, the
# loader is told where $ORIGIN is.
inside() { LD_ORIGIN_PATH=/bundle/bin unshare --map-root-user --root="$root" "$@"; }
# gtest and the benchmark library end with 0 when there is no device: what they say is what counts.
for program in "$bundle"/bin/*; do
  name=$(basename "$program") path=
  case $name in
    kernels_tests) arguments=(--gtest_brief=1) says="no CUDA device can be used" ;;
    *_cuda_bench) arguments=(--benchmark_min_time=0.001 --benchmark_filter=cuda/) says="no CUDA device can be used" ;;
    write_bench_cloud) arguments=(/tmp) says="" ;;
    # Built with the whole tree, so without that rpath; gpu_check.sh sets the path too, as the driver needs it as well.
    offscreen_bench) arguments=(/tmp/picture.png 1000) says=vkCreateInstance path=/bundle/lib ;;
    *) echo "gpu_bundle: --check knows no $name" >&2; exit 1 ;;
  esac
  status=0
  LD_LIBRARY_PATH=$path inside "/bundle/bin/$name" "${arguments[@]}" >"$root/out" 2>&1 || status=$?
  # 127 is the loader's (a library is missing), more than 128 a signal's.
  if ((status >= 126)) || ! { [[ -z $says ]] || grep -q "$says" "$root/out"; }; then
    echo "gpu_bundle: $name ended with $status in a bare root, after:" >&2
    tail "$root/out" >&2
    exit 1
  fi
done
[[ -s $root/tmp/points.f32 ]] || { echo "gpu_bundle: write_bench_cloud wrote nothing" >&2; exit 1; }
echo "checked: every program starts in a bare root, and says that there is no device"
