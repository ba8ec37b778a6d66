# SPDX-License-Identifier: Apache-2.0
"""Prints the medians of Google Benchmark's JSON files in a folder as Markdown: ours, each peer, and the ratios."""
import json
import pathlib
import sys

medians = {}
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    for run in json.loads(file.read_text())["benchmarks"]:
        if run.get("aggregate_name") != "median" or run.get("error_occurred"):
            continue
        name = run["run_name"].removesuffix("/real_time")
        case, _, who = name.rpartition("/")
        if who.isdigit():  # "family/size": the size belongs to the case
            family, size = case, who
            case, who = ("interpolate, tracks x 100: " + size, family) if "iou" not in family else ("box_iou " + size + " x " + size, family)
        scale = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3}[run["time_unit"]]
        medians.setdefault(case, {})[who] = (run["real_time"] * scale, run.get("label", ""))

print("| case | who | median (ms) | ours, 1 thread, is faster by |")
print("|---|---|---|---|")
for case, runs in medians.items():
    ours = next((time for who, (time, _) in runs.items() if "1t" in who), None)
    for who, (time, label) in runs.items():
        ratio = "" if ours is None or "1t" in who else f"{time / ours:.1f}x"
        print(f"| {case} | {who} {label} | {time:.3f} | {ratio} |")
