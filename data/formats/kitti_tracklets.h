// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "data/label_set.h"
#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark::kitti_tracklets {

/// A frame of a drive, by its number.
struct FramePlace {
  TimestampNs timestamp = 0;
  Pose world_from_velo;
};

/// Labels from a tracklet_labels.xml of the raw dataset: boxes in the LiDAR's frame, bottom centre, one size a
/// tracklet. \param frames  of the drive; empty: none are known, frames are 100 ms apart and the world is the LiDAR's
/// frame Errors: not such a file, a frame that the drive does not have; the message names the tracklet and the pose.
Result<LabelSet> parse(std::string_view text, const std::filesystem::path& file, const std::vector<FramePlace>& frames);

/// See data/write_labels.h. Errors: a gap in a track, another size within one.
Result<void> write(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::kitti_tracklets
