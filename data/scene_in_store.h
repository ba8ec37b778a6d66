// SPDX-License-Identifier: Apache-2.0
//
// A label store knows its scene (docs/store.md): what its labels mean does not depend on the dataset being there, and
// every conversion of a store is that of the dataset with these labels.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "data/scene.h"
#include "data/store/label_store.h"

namespace sweepmark {

/// Of what defines time and place: frames, poses, sensors, calibrations, times and names of sweeps and images. The same
/// wherever the dataset lies; labels do not count.
std::uint64_t scene_hash(const Scene& scene);

/// What a store at `store` keeps of a scene. Opens the scene once more, to get at its files; a dataset whose files of
/// labels and tables are larger than 256 MB together (docs/store.md) is described without them.
/// Nothing for labels that came without a scene, and where names are not UTF-8.
std::optional<StoredScene> stored_scene_of(const Scene& scene, const std::filesystem::path& store);

/// The scene of a store with the labels of the store. Sweeps and images are where the dataset is, or was.
/// Errors: a store that does not know its scene, damage.
Result<Scene> open_scene_of(const LabelStore& store, const std::filesystem::path& file);

/// Puts other labels into an opened scene (bad rows stay the dataset's); they keep what only the dataset's own files
/// know of them: a keyframe that is as it was, or of a track and a time that there is in the dataset, is still that row
/// of its file. \param store  where the labels are from; the scene may have those of a store before
void put_labels(Scene& scene, LabelSet labels, const std::filesystem::path& store);

/// Puts the labels of a store into an opened scene. Errors: those of `LabelStore::open` and `meet_scene`.
Result<void> put_labels_of_store(Scene& scene, const std::filesystem::path& store);

/// A store and the scene that it is opened with. A store that does not know its scene (an older version's, or damaged
/// in that) learns it where it may be written and its times fit. \return what it keeps of the scene from now on;
/// nothing as `stored_scene_of` Errors: the store belongs to another scene: another format, or another name, unless
/// everything else is the same (a folder that was renamed); or other times of frames. Poses may differ: a dataset may
/// have got better ones since.
Result<std::optional<StoredScene>> meet_scene(LabelStore& store, const std::filesystem::path& file, const Scene& scene);

}  // namespace sweepmark
