// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "data/formats/json_reader.h"
#include "data/scene.h"

namespace sweepmark::openlabel {

/// An OpenLABEL document of a scene without its labels: coordinate systems, streams, frames with their times, poses and
/// images. \param folder  that paths of images are relative to
json::Json new_root(const Scene& scene, const LabelSet& labels, const std::filesystem::path& folder);

}  // namespace sweepmark::openlabel
