// SPDX-License-Identifier: Apache-2.0
#include "data/missing_files.h"

#include <fmt/format.h>

namespace sweepmark {

bool is_there(const SweepRef& sweep) {
  std::error_code failure;
  return std::filesystem::exists(sweep.file, failure);
}

MissingFiles missing_files(const Scene& scene) {
  MissingFiles missing;
  for (const SweepRef& sweep : scene.sweeps) {
    if (is_there(sweep)) continue;
    if (missing.sweeps++ == 0) missing.first_sweep = sweep.file;
  }
  for (const ImageRef& image : scene.images) {
    std::error_code failure;
    // All pictures of a video are in one file.
    if (image.video_frame.value_or(0) > 0) continue;
    if (image.file.empty() || std::filesystem::exists(image.file, failure)) continue;
    if (missing.images++ == 0) missing.first_image = image.file;
  }
  return missing;
}

std::string describe_missing_sweeps(const MissingFiles& missing, const Scene& scene) {
  if (missing.sweeps == 0) return {};
  return fmt::format("{} of {} sweeps are named by the dataset and not there, the first is {}", missing.sweeps,
                     scene.sweeps.size(), missing.first_sweep.string());
}

}  // namespace sweepmark
