# SPDX-License-Identifier: Apache-2.0
"""Prints the medians of Google Benchmark's JSON files in a folder as Markdown: ours, each peer, and the ratios."""
import json
import pathlib
import sys

medians = {}
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    content = file.read_text()
    if not content.strip():  # a program in which the filter matched nothing
        continue
    for run in json.loads(content)["benchmarks"]:
        if run.get("aggregate_name") != "median" or run.get("error_occurred"):
            continue
        name = run["run_name"].removesuffix("/real_time").removesuffix("/process_time")
        case, _, who = name.rpartition("/")
        if name.startswith(("label_store", "frames", "agreement")):
            case, who = name, "ours"
        elif who.isdigit():  # "family/size": the size belongs to the case
            family, size = case, who
            case, who = ("interpolate, tracks x 100: " + size, family) if "iou" not in family else ("box_iou " + size + " x " + size, family)
        scale = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3}[run["time_unit"]]
        medians.setdefault(case, {})[who] = (run["real_time"] * scale, run.get("label", ""), run.get("peak_MB"))

print("| case | who | median (ms) | ours, 1 thread, is faster by | peak memory (MB) |")
print("|---|---|---|---|---|")
for case, runs in sorted(medians.items()):
    ours = next((run[0] for who, run in runs.items() if "1t" in who), None)
    for who, (time, label, peak) in sorted(runs.items(), key=lambda run: ("ours" not in run[0], run[0])):
        ratio = "" if ours is None or "ours" in who or "_2t" in who or "_1t" in who else f"{time / ours:.1f}x"
        memory = "" if peak is None else f"{peak:.1f}"
        print(f"| {case} | {who} {label} | {time:.3f} | {ratio} | {memory} |")
