#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""gpu_check_report.py RESULTS: turns what gpu_check.sh has so far into gpu_check.json and gpu_check.md."""
import json
import pathlib
import sys


def read_json(path):
    """A benchmark that was stopped leaves half a file: what it had finished counts."""
    try:
        text = path.read_text()
    except OSError:
        return {}
    for complete in (text, text[:text.rfind("\n    },")] + "\n    }\n  ]\n}"):
        try:
            return json.loads(complete)
        except ValueError:
            continue
    return {}


def read_lines(path):
    """One JSON object a line, among other output."""
    rows = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


def main():
    folder = pathlib.Path(sys.argv[1])
    machine = (folder / "machine.txt").read_text().splitlines()
    status = {path.stem: path.read_text().strip() for path in sorted(folder.glob("*.status"))}
    ours, errors = [], {}
    for row in read_json(folder / "benchmarks.json").get("benchmarks", []):
        if row.get("aggregate_name", "median") != "median":
            continue
        if "error_message" in row:
            errors[row["error_message"]] = errors.get(row["error_message"], 0) + 1
            continue
        ours.append({
            "job": row["run_name"].removesuffix("/manual_time").removesuffix("/real_time"),
            "us": row["real_time"],
            **{key: row[key] for key in ("of_copy", "voxels", "copy_GB_per_s", "megabytes") if key in row},
        })
    peers, pictures = read_lines(folder / "peers.txt"), read_lines(folder / "pictures.txt")
    (folder / "gpu_check.json").write_text(
        json.dumps({"machine": machine, "status": status, "ours": ours, "errors": errors, "peers": peers, "pictures": pictures}, indent=1))

    lines = ["; ".join(machine), "", "| step | exit status |", "|---|---|"]
    lines += [f"| {name} | {value} |" for name, value in status.items()]
    lines += [""] * bool(errors) + [f"{count} benchmark runs failed: {message}" for message, count in errors.items()]
    lines += ["", "| job | who | time (us) | of the copy bandwidth |", "|---|---|---|---|"]
    for row in ours:
        if "copy_GB_per_s" in row:
            lines.append(f"| copy of 1 GiB, read and written | | {row['copy_GB_per_s']:.0f} GB/s | |")
            continue
        share = f"{100 * row['of_copy']:.1f} %" if "of_copy" in row else ""
        lines.append(f"| {row['job']} | Sweepmark | {row['us']:.1f} | {share} |")
    for row in peers:
        if "ms" not in row:
            continue
        size = " x ".join(str(row[key]) for key in ("points", "boxes") if row.get(key))
        lines.append(f"| {row['job']} {size} | {row['who']} | {1000 * row['ms']:.1f} | |")
    for device in sorted({row["device"] for row in pictures if "device" in row}):
        lines += ["", f"Pictures by {device}:"]
    lines += ["", "| points | draw (ms) | GB/s of points | pick (ms) | read (ms) | upload GB/s |", "|---|---|---|---|---|---|"]
    for row in pictures:
        if "draw_ms" in row:
            lines.append(f"| {row['points']} | {row['draw_ms']} | {row['gbytes_per_s']} | {row['pick_ms']} | "
                         f"{row['read_ms']} | {row['upload_gbytes_per_s']} |")
    (folder / "gpu_check.md").write_text("\n".join(lines) + "\n")


main()
