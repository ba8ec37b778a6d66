// SPDX-License-Identifier: Apache-2.0
//
// What the reader of KITTI's object dataset keeps of a frame for its writer.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/formats/kitti_common.h"
#include "data/formats/scene_tools.h"
#include "data/label_set.h"

namespace sweepmark::kitti_object {

struct Source : LabelSource {
  std::vector<std::string> other_fields() const override {
    if (texts.empty()) return {};
    return {"truncated", "occluded", "alpha", "image box", "DontCare rows"};
  }
  std::vector<std::string> texts;  ///< every row of the file
  LabelRows rows;                  ///< the objects
  std::vector<std::size_t> text_of_row;
  std::string calibration_text;
  kitti::Calibration calibration;
};

}  // namespace sweepmark::kitti_object
