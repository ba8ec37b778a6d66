// SPDX-License-Identifier: Apache-2.0
//
// The response of a Scale linking task: for each frame and camera, boxes in the image, each with the uuid of its
// cuboid.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/formats/json_reader.h"
#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark::scale {

/// What is kept for writing back.
struct Linking {
  std::string text;
  std::vector<json::Json> frames;  ///< without their annotations
  struct Row {
    json::Json value;
    std::size_t frame = 0, response = 0;
  };
  std::vector<Row> rows;  ///< by source_row of image keyframes
  struct BadLink {
    Row row;
    std::size_t before = 0;  ///< the row that follows
  };
  std::vector<BadLink> bad_links;  ///< no labels: written back as they are
};

bool is_linking(const std::filesystem::path& file);

/// Adds image tracks, and images for frames that have none of a camera. \param times  of the frames; numbered ones are
/// added where there are none
/// Errors name the file and the place.
Result<std::shared_ptr<const Linking>> read_linking(const std::filesystem::path& file, std::vector<TimestampNs>& times,
                                                    Scene& scene);

/// The file's content: as it was where nobody changed it. Errors: labels that are no upright boxes, or between frames.
Result<std::string> linking_text(const Scene& scene, const LabelSet& labels, const Linking* linking,
                                 const std::map<TimestampNs, std::size_t>& frame_at, const std::filesystem::path& out);

}  // namespace sweepmark::scale
