// SPDX-License-Identifier: Apache-2.0
//
// Our own files of detections: docs/formats/detections.md.
#include <fmt/format.h>

#include "data/detections/detection_file.h"
#include "data/formats/json_reader.h"

namespace sweepmark {

Result<void> DetectionFile::read_own(const std::filesystem::path& file, std::string_view content) {
  using namespace json;
  const auto root = json::parse(content, file);
  if (!root) return root.error();
  return guard(file, [&] {
    if (const std::int64_t version = integer_of(*root, "sweepmark_detections", ""); version != 1)
      fail("/sweepmark_detections", fmt::format("version 1, got {}", version));
    array(member(*root, "frames", ""), "/frames");
    each(*root, "frames", "", [&](const Json& frame, const std::string& at) {
      const TimestampNs time = integer_of(frame, "timestamp_ns", at);
      if (of_time_.contains(time)) fail(at + "/timestamp_ns", fmt::format("each time once, got {} again", time));
      std::vector<Detection>& detections = of_time_[time];
      each(frame, "detections", at, [&](const Json& d, const std::string& place) {
        const auto center = numbers<3>(member(d, "center", place), place + "/center"),
                   size = numbers<3>(member(d, "size", place), place + "/size");
        const auto r = numbers<4>(member(d, "rotation", place), place + "/rotation");
        if (!(size[0] > 0 && size[1] > 0 && size[2] > 0)) fail(place + "/size", "sizes above 0");
        const double score = number_of(d, "score", place);
        if (!(score >= 0 && score <= 1)) fail(place + "/score", fmt::format("a score from 0 to 1, got {}", score));
        detections.push_back({{{center[0], center[1], center[2]},
                               {size[0], size[1], size[2]},
                               unit_quaternion(r[0], r[1], r[2], r[3], place + "/rotation")},
                              text_of(d, "class", place),
                              score});
      });
    });
  });
}

}  // namespace sweepmark
