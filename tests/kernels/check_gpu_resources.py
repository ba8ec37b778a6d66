#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_gpu_resources.py NVCC SOURCE_FOLDER TABLE [--write]

Compiles the CUDA kernels for sm_90 and compares the registers, spills and shared memory that ptxas reports with the table.
A kernel that starts to spill, or loses a resident block to more registers, is slower everywhere and fails no other test.
Exit status: 0 equal, 1 different, 77 another compiler than the table's (its numbers say nothing).
"""
import pathlib
import re
import subprocess
import sys

SOURCES = ("kernels/ops/voxel_blocks.cu", "kernels/ops/count_points_cuda.cu", "kernels/ops/interpolate_cuda.cu")
KERNELS = ("clear_blocks", "mark_voxels", "list_blocks", "place_blocks", "accumulate_points", "finish_voxels",
           "count_points", "interpolate_each")


def report(nvcc, root):
    rows = []
    for source in SOURCES:
        text = subprocess.run(
            [nvcc, "-std=c++20", "-O3", "-DNDEBUG", "-arch=sm_90", "--fmad=false", "--expt-relaxed-constexpr", f"-I{root}",
             "-Xptxas", "-v", "-c", str(root / source), "-o", "/dev/null"],
            check=True, capture_output=True, text=True).stderr
        for entry in text.split("Compiling entry function")[1:]:
            # The longest name that the mangled one holds: files have names of kernels too.
            mangled = re.search(r"'(\S+)'", entry).group(1)
            name = max((k for k in KERNELS if f"{len(k)}{k}" in mangled), key=len)
            spilled = re.search(r"(\d+) bytes spill stores", entry).group(1)
            registers = re.search(r"Used (\d+) registers", entry).group(1)
            shared = re.search(r"(\d+) bytes smem", entry)
            rows.append(f"{name} {registers} {spilled} {shared.group(1) if shared else 0}")
    return rows


def main():
    nvcc, root, table = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    version = re.search(r"release (\S+),", subprocess.run([nvcc, "--version"], check=True, capture_output=True,
                                                            text=True).stdout).group(1)
    if "--write" not in sys.argv and table.read_text().splitlines()[0] != f"# nvcc {version}, sm_90":
        print(f"the table is of another compiler than nvcc {version}")
        return 77
    got = [f"# nvcc {version}, sm_90", "# kernel registers spilled_bytes static_shared_bytes", *report(nvcc, root)]
    if "--write" in sys.argv:
        table.write_text("\n".join(got) + "\n")
        return 0
    expected = table.read_text().splitlines()
    for row in sorted(set(expected) ^ set(got)):
        print(f"{'expected' if row in expected else 'got'}: {row}")
    return 0 if expected == got else 1


sys.exit(main())
