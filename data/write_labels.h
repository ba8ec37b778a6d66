// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark {

/// Writes labels in the given format: KITTI tracking (a .txt), nuScenes (`sample_annotation.json` and `instance.json` in
/// the folder `out`), Argoverse 2 (a .feather), or our own JSON. Written to a temporary file beside `out` and renamed, so
/// that `out` is never half there.
///
/// A keyframe that still is what `labels.source` says of its row is written as it was read, to the last digit, unknown
/// fields included; rows keep their order; new ones follow.
/// Errors: a format that has no label writer, a keyframe at a time that the format cannot hold (no such frame), I/O.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, Format format, const std::filesystem::path& out);

}  // namespace sweepmark
