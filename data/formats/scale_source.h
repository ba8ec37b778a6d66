// SPDX-License-Identifier: Apache-2.0
//
// What the reader and the writer of Scale's responses share.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "data/formats/label_elements.h"
#include "data/formats/scale_linking.h"
#include "data/label_set.h"

namespace sweepmark::scale {

using json::Json;

inline constexpr const char *annotation_file = "annotations.json", *segmentation_file = "segmentation.json",
                            *linking_file = "linking.json";
inline constexpr double quarter_turn = std::numbers::pi / 2;

/// Fields of a cuboid that are attributes of ours, beside what its own attributes hold.
inline constexpr std::array<const char*, 2> attribute_fields = {"stationary", "camera_used"};

struct Source : LabelSource {
  std::vector<std::string> other_fields() const override { return {"distance_to_device"}; }
  std::string text;  ///< of the cuboids' file, or empty
  LabelElements elements;
  std::vector<Json> frames;  ///< of the response, without their cuboids
  std::map<TimestampNs, std::size_t> frame_at;
  std::shared_ptr<const Linking> linking;  ///< null where there is no such response
};

}  // namespace sweepmark::scale
