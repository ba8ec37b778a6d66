# SPDX-License-Identifier: Apache-2.0
"""Turns the JSON of `sweepmark interpolate --evaluate --json` on standard input into one row of docs/accuracy.md."""
import json
import sys

summary = json.load(sys.stdin)["summary"]
iou = [100 * summary["iou_at_least"][threshold] for threshold in ("0.5", "0.7", "0.9")]
errors = [summary[what][figure] for what in ("center_error_m", "yaw_error_rad") for figure in ("mean", "median", "p95")]
cells = [*sys.argv[1:], f"{summary['predicted']:,}", f"{summary['mean_iou']:.3f}"]
cells += [f"{share:.1f}" for share in iou] + [f"{error:.4f}" for error in errors]
print("| " + " | ".join(cells) + " |")
