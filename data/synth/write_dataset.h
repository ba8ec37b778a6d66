// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>

#include "data/atomic_file.h"
#include "data/synth/lidar.h"
#include "data/synth/street.h"
#include "kernels/result.h"

namespace sweepmark::synth {

enum class DatasetFormat : std::uint8_t { nuscenes, kitti };

struct DatasetOptions {
  StreetOptions street;
  LidarOptions lidar;
  DatasetFormat format = DatasetFormat::nuscenes;
};

/// Sweeps that a scene of that length has, at 10 Hz.
std::size_t sweep_count(const StreetOptions& options);

/// Generates a scene and writes it as a dataset: sweeps at 10 Hz, the ego vehicle's poses, and exact labels.
/// nuScenes schema: samples at 2 Hz with every object within 80 m and its `num_lidar_pts`, sweeps in between.
/// KITTI tracking layout: labels at every sweep, in the camera frame, whose convention keeps heading but no tilt; poses
/// of the IMU. Sweeps are generated side by side; the result is the same for any number of threads. The folder appears
/// when it is complete. Errors: those of `AtomicFolder`; options out of range; I/O. \param progress  called after
/// each sweep, from any thread; may be empty
Result<void> write_dataset(const DatasetOptions& options, const std::filesystem::path& out,
                           const std::function<void()>& progress, Overwrite overwrite = Overwrite::no);

}  // namespace sweepmark::synth
