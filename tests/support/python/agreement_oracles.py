# SPDX-License-Identifier: Apache-2.0
"""Figures of agreement as other people's libraries compute them. Usage: agreement_oracles.py KIND IN.json OUT.json"""
import json
import math
import sys

import numpy as np


def ratings(tables):
    """Cohen's kappa (scikit-learn), Fleiss' (statsmodels), Krippendorff's alpha, of rows (item, rater, value)."""
    import krippendorff
    from sklearn.metrics import cohen_kappa_score
    from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

    out = []
    for rows in tables:
        items = sorted({r[0] for r in rows})
        raters = sorted({r[1] for r in rows})
        table = np.full((len(raters), len(items)), np.nan)
        for item, rater, value in rows:
            table[raters.index(rater), items.index(item)] = value
        figures = {}
        if not np.isnan(table).any():
            figures["fleiss"] = fleiss_kappa(aggregate_raters(table.T.astype(int))[0])
            if len(raters) == 2:
                figures["cohen"] = cohen_kappa_score(table[0].astype(int), table[1].astype(int))
        for level in ("nominal", "ordinal", "interval"):
            figures[level] = krippendorff.alpha(reliability_data=table, level_of_measurement=level)
        out.append(figures)
    return out


def tracks(sequences):
    """HOTA, CLEAR MOT and IDF1 (TrackEval), IDF1 and MOTA (motmetrics)."""
    import contextlib
    import io
    import motmetrics

    with contextlib.redirect_stdout(io.StringIO()):
        from trackeval.metrics import CLEAR, HOTA, Identity

        metrics = [HOTA(), CLEAR({"THRESHOLD": 0.5, "PRINT_CONFIG": False}),
                   Identity({"THRESHOLD": 0.5, "PRINT_CONFIG": False})]
    out = []
    for s in sequences:
        similarity = []
        accumulator = motmetrics.MOTAccumulator(auto_id=True)
        for a, b, pairs in zip(s["a"], s["b"], s["pairs"]):
            matrix = np.zeros((len(a), len(b)))
            for i, k, value in pairs:
                matrix[i, k] = value
            similarity.append(matrix)
            accumulator.update(a, b, np.where(matrix >= 0.5, 1 - matrix, np.nan))
        data = {
            "gt_ids": [np.array(x, dtype=int) for x in s["a"]], "tracker_ids": [np.array(x, dtype=int) for x in s["b"]],
            "similarity_scores": similarity, "num_timesteps": len(similarity),
            "num_gt_ids": s["tracks_a"], "num_tracker_ids": s["tracks_b"],
            "num_gt_dets": sum(map(len, s["a"])), "num_tracker_dets": sum(map(len, s["b"])),
        }
        hota, clear, identity = (m.eval_sequence(data) for m in metrics)
        theirs = motmetrics.metrics.create().compute(accumulator, metrics=["idf1", "mota"], name="s")
        out.append({
            "hota": hota["HOTA"].mean(), "detection": hota["DetA"].mean(), "association": hota["AssA"].mean(),
            "location": hota["LocA"].mean(), "hota_at": hota["HOTA"].tolist(), "idf1": identity["IDF1"],
            "mota": clear["MOTA"], "motp": clear["MOTP"], "matched": int(clear["CLR_TP"]), "missed": int(clear["CLR_FN"]),
            "extra": int(clear["CLR_FP"]), "switches": int(clear["IDSW"]), "fragments": int(clear["Frag"]),
            "mostly_found": int(clear["MT"]), "mostly_lost": int(clear["ML"]),
            "motmetrics_idf1": float(theirs["idf1"].iloc[0]),
        })
    return out


def assignment(problems):
    """Most matches, then the largest sum of similarities (scipy)."""
    from scipy.optimize import linear_sum_assignment

    out = []
    for p in problems:
        matrix = np.zeros((p["a"], p["b"]))
        for i, k, value in p["pairs"]:
            matrix[i, k] = value
        score = np.where(matrix >= p["least"], 1000 + matrix, 0)
        rows, columns = linear_sum_assignment(-score)
        taken = score[rows, columns] > 0
        out.append({"matches": int(taken.sum()), "sum": float(matrix[rows, columns][taken].sum())})
    return out


def keypoints(cases):
    """Object keypoint similarity (pycocotools), of 17 keypoints [x, y, v, ...]."""
    import contextlib
    import io
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        truth, found = COCO(), None
        truth.dataset = {
            "images": [{"id": i + 1} for i in range(len(cases))],
            "categories": [{"id": 1, "name": "person"}],
            "annotations": [{
                "id": i + 1, "image_id": i + 1, "category_id": 1, "keypoints": c["truth"], "area": c["area"],
                "bbox": c["box"], "iscrowd": 0, "num_keypoints": sum(v > 0 for v in c["truth"][2::3]),
            } for i, c in enumerate(cases)],
        }
        truth.createIndex()
        found = truth.loadRes([
            {"image_id": i + 1, "category_id": 1, "keypoints": c["other"], "score": 1} for i, c in enumerate(cases)])
        evaluation = COCOeval(truth, found, "keypoints")
        evaluation.evaluate()
    return [float(evaluation.ious[i + 1, 1][0, 0]) for i in range(len(cases))]


def polygons(cases):
    """Intersection over union of rotated rectangles (x, y, length, width, yaw), by clipping in exact fractions."""
    from fractions import Fraction

    def corners(r):
        x, y, length, width, yaw = r
        c, s = Fraction(math.cos(yaw)), Fraction(math.sin(yaw))
        half = [(Fraction(length) / 2 * u, Fraction(width) / 2 * v) for u, v in ((1, 1), (-1, 1), (-1, -1), (1, -1))]
        return [(Fraction(x) + c * u - s * v, Fraction(y) + s * u + c * v) for u, v in half]

    def area(p):
        return sum(p[i][0] * p[(i + 1) % len(p)][1] - p[(i + 1) % len(p)][0] * p[i][1] for i in range(len(p))) / 2

    def clipped(p, a, b):
        side = [(b[0] - a[0]) * (q[1] - a[1]) - (b[1] - a[1]) * (q[0] - a[0]) for q in p]
        out = []
        for i, q in enumerate(p):
            k = (i + 1) % len(p)
            if side[i] >= 0:
                out.append(q)
            if side[i] * side[k] < 0:
                t = side[i] / (side[i] - side[k])
                out.append((q[0] + t * (p[k][0] - q[0]), q[1] + t * (p[k][1] - q[1])))
        return out

    out = []
    for one, two in cases:
        p, q = corners(one), corners(two)
        both = p
        for i in range(4):
            both = clipped(both, q[i], q[(i + 1) % 4]) if both else both
        common = area(both) if len(both) > 2 else Fraction(0)
        out.append(float(common / (area(p) + area(q) - common)))
    return out


def preferences(cases):
    """Bradley-Terry scores of comparisons (better, worse) of things 0 to n - 1, as a logistic regression (statsmodels)."""
    from statsmodels.api import Logit

    out = []
    for count, rows in cases:
        # The last one is the zero; each comparison is once won and once, turned round, lost.
        signs = np.zeros((len(rows), count))
        for i, (better, worse) in enumerate(rows):
            signs[i, better], signs[i, worse] = 1, -1
        both, won = np.vstack([signs, -signs])[:, :-1], np.repeat([1, 0], len(rows))
        fitted = Logit(won, both).fit(disp=0, maxiter=200, tol=1e-14)
        scores = np.append(fitted.params, 0)
        out.append((scores - scores.mean()).tolist())
    return out


def panoptic(cases):
    """Panoptic quality of labels (class, instance) of points, segment by segment as sets (numpy)."""
    out = []
    for a, b in cases:
        a, b = ([tuple(point) for point in labels] for labels in (a, b))
        figures = {}
        for name in {c for c, _ in a} | {c for c, _ in b}:
            of_a, of_b = ([np.array([x == s for x in labels]) for s in sorted({x for x in labels if x[0] == name})]
                          for labels in (a, b))
            ious = np.array([[(x & y).sum() / (x | y).sum() for y in of_b] for x in of_a]).reshape(len(of_a), len(of_b))
            matched = ious[ious > 0.5]
            errors = len(of_a) + len(of_b) - 2 * len(matched)
            figures[str(name)] = float(matched.sum() / (len(matched) + errors / 2)) if len(matched) + errors else 0.0
        out.append(figures)
    return out


def wilson(cases):
    """Wilson's interval of a share (statsmodels)."""
    from statsmodels.stats.proportion import proportion_confint

    return [list(map(float, proportion_confint(right, count, alpha=1 - confidence, method="wilson")))
            for right, count, confidence in cases]


kind, source, target = sys.argv[1:4]
with open(source) as file:
    result = {"ratings": ratings, "tracks": tracks, "assignment": assignment, "keypoints": keypoints,
              "polygons": polygons, "preferences": preferences, "panoptic": panoptic, "wilson": wilson}[kind](json.load(file))
with open(target, "w") as file:
    json.dump(result, file)
