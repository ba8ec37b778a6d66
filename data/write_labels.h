// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "data/atomic_file.h"
#include "data/format_features.h"
#include "data/inventions.h"
#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark {

/// Writes labels in the given format: KITTI tracking (a .txt), nuScenes (`sample_annotation.json` and `instance.json`
/// in the folder `out`), Argoverse 2 (a .feather), or our own JSON. Written to a temporary file beside `out` and
/// renamed, so that `out` is never half there.
///
/// A keyframe that still is what `labels.source` says of its row is written as it was read, to the last digit, unknown
/// fields included; rows keep their order; new ones follow.
/// Errors: something at `out` that may not be overwritten, or is of the scene's own dataset (data/output_guard.h; a
/// label store takes the labels as one edit more), a format that has no label
/// writer, a keyframe at a time that the format cannot hold (no such frame), I/O.
Result<void> write_labels(const Scene& scene, const LabelSet& labels, Format format, const std::filesystem::path& out,
                          Overwrite overwrite = Overwrite::no);

/// Takes out of `labels` what `format` cannot hold; nothing from a dataset's own labels in its own format. What a label
/// store added to them is taken out where the dataset's format has no place for it.
/// \return what that was: empty when everything is carried
std::vector<Loss> take_out_for(const Scene& scene, LabelSet& labels, Format format);

/// What `format` needs and the scene does not know, so that it is made up; nothing for the scene's own format.
std::vector<Invention> inventions_for(const Scene& scene, Format format);

/// Writes a scene that opens on its own: labels with what its format needs to place them (times, poses, calibration),
/// and no sweep and no image but in formats that models are trained from (KITTI object, OpenPCDet). A folder is filled
/// under a temporary name and renamed. Errors: as `write_labels`; a folder that would be overwritten and holds a file
/// that is not written anew. \pre `take_out_for` left nothing in `labels` that the format cannot hold \param out  ends
/// with `scene_extension(format)`, or is a folder where that is empty
Result<void> write_scene(const Scene& scene, const LabelSet& labels, Format format, const std::filesystem::path& out,
                         Overwrite overwrite = Overwrite::no);

/// What `write_labels` and `write_scene` ask of their output, for a look before long work. Errors: those of
/// `expect_free` but where a label store takes an edit more.
Result<void> expect_free_for(Format format, const std::filesystem::path& out, Overwrite overwrite);

/// ".sweepmark.json"; empty where a scene is a folder.
std::string_view scene_extension(Format format);

/// The formats whose scenes end as this file does: one for ".sweepmark.json", several for ".json", none for a folder.
std::vector<Format> formats_of_output(const std::filesystem::path& out);

}  // namespace sweepmark
