// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "data/scene.h"

namespace sweepmark {

/// Files that a dataset names and that are not there: many people download the keyframes of a dataset only.
struct MissingFiles {
  std::size_t sweeps = 0, images = 0;
  std::filesystem::path first_sweep, first_image;
};

/// Cost: one look at the file system for each sweep and image. Labels in images may stand without their pictures.
MissingFiles missing_files(const Scene& scene);

/// "31 of 40 sweeps are named and not there, samples/a.bin first"; empty where all are there.
std::string describe_missing_sweeps(const MissingFiles& missing, const Scene& scene);

bool is_there(const SweepRef& sweep);

}  // namespace sweepmark
