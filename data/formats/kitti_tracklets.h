// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
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

struct Tracklets {
  LabelSet labels;
  std::vector<std::string> notes;
};

/// Labels from a tracklet_labels.xml of the raw dataset: boxes in the LiDAR's frame, bottom centre, one size a
/// tracklet. Datumaro (and CVAT, whose export "Kitti Raw" it writes) has conventions of its own there: the place is the
/// centre, w, h and l are the sizes along x, y and z, angles turn about x, then y, then z, and a pose that is out of
/// the image is a frame where the object is not. Such files are told by the version of their poses, 0; a note says it.
/// \param frames  of the drive; empty: none are known, and they are 100 ms apart
/// \param world_from_velo  where no frames are known
/// Errors: not such a file, a frame that the drive does not have; the message names the tracklet and the pose.
Result<Tracklets> parse(std::string_view text, const std::filesystem::path& file, const std::vector<FramePlace>& frames,
                        const Pose& world_from_velo = {});

/// See data/write_labels.h. Errors: a gap in a track, another size within one.
Result<void> write(const Scene& scene, const LabelSet& labels, const std::filesystem::path& out);

}  // namespace sweepmark::kitti_tracklets
