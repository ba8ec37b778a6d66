// SPDX-License-Identifier: Apache-2.0
//
// The calibration of a drive of the raw dataset: calib_imu_to_velo.txt, calib_velo_to_cam.txt and calib_cam_to_cam.txt
// in the folder of its date. Source: Geiger et al., Vision meets Robotics: The KITTI Dataset (2013), and the
// development kit's readme and `loadCalibrationCamToCam`.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark::kitti_raw {

struct Calibration {
  Pose ego_from_velo;                            ///< the ego is the IMU
  std::array<std::optional<Sensor>, 4> cameras;  ///< image_00 to image_03; none where their files are not there
  std::vector<std::string> notes;                ///< which files are not there, and what is taken instead
};

/// \param is_rectified  the images are undistorted and rectified, as those of `_sync` drives; else they are as taken,
/// through OpenCV's lens model, as those of `_extract` drives
/// Errors: a file that is there and does not hold what it should.
Result<Calibration> read_calibration(const std::filesystem::path& date_folder, bool is_rectified);

}  // namespace sweepmark::kitti_raw
