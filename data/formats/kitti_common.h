// SPDX-License-Identifier: Apache-2.0
//
// What the KITTI datasets share: calibration, poses from GPS/IMU, and rows of labels in the rectified camera frame.
// Source: Geiger et al., Vision meets Robotics: The KITTI Dataset (2013), and the development kits' readme files.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/formats/bad_rows.h"
#include "data/scene.h"
#include "geometry/projection_matrix.h"
#include "kernels/result.h"

namespace sweepmark::kitti {

/// Whether the first three columns of three rows are a rotation, to 1e-2; any others would become a wrong quaternion
/// silently. \param stride  numbers in a row
bool is_rotation(const std::vector<double>& m, std::size_t stride);

/// The projection from the rectified frame of camera 0 to a camera's pixels. Errors: another count than 12; a matrix
/// that is not plain.
Result<ProjectionMatrix> projection_from(const std::vector<double>& numbers, const std::string& place);

struct Calibration {
  std::array<std::optional<ProjectionMatrix>, 4>
      projections;        ///< P0 to P3; P2, the left colour camera, is always there
  Pose camera_from_velo;  ///< rectified camera 0: R0_rect * Tr_velo_to_cam
  std::optional<Pose> velo_from_imu;

  const ProjectionMatrix& left_colour() const { return *projections[2]; }
  /// The camera's ego is the IMU where its calibration is known, else the LiDAR.
  Pose ego_from_velo() const;
  /// Rectified camera 0: the frame of the labels. It is no place of a colour camera, which stand beside it.
  Pose ego_from_rectified() const;
  /// Camera `number`, whose projection must be there.
  Sensor camera(std::size_t number, std::string name) const;
};

/// The cameras of a dataset to list: the left colour camera, and those with a projection whose folder of images,
/// `prefix` and the camera's number, is there. Ascending.
std::vector<std::size_t> cameras_of(const Calibration& calibration, const std::filesystem::path& root,
                                    std::string_view prefix);

/// A calibration file of the object or tracking dataset. Errors: a missing key, a row of the wrong length.
Result<Calibration> parse_calibration(std::string_view text, const std::filesystem::path& file);

/// `root`/calib/`name`.txt. Errors: those of the file and of `parse_calibration`.
Result<Calibration> read_calibration(const std::filesystem::path& root, const std::string& name);

/// Poses of the IMU relative to the first, one line of 12 numbers a frame (3x4, row-major).
Result<std::vector<Pose>> parse_pose_rows(std::string_view text, const std::filesystem::path& file);

/// One oxts packet: latitude, longitude, altitude, roll, pitch, yaw and more.
struct Oxts {
  double latitude_deg = 0, longitude_deg = 0, altitude_m = 0, roll = 0, pitch = 0, yaw = 0;
};
Result<Oxts> parse_oxts(std::string_view line, const std::string& place);

/// Poses of the IMU relative to the first packet, by the development kit's Mercator projection.
std::vector<Pose> poses_from_oxts(const std::vector<Oxts>& packets);

/// One row of labels, in the rectified camera frame.
struct LabelRow {
  std::int64_t frame = 0;
  std::string track_id;
  std::string class_name;
  Cuboid in_camera;
  bool is_object = false;              ///< false for DontCare
  std::optional<RowFault> fault = {};  ///< what makes an object's row wrong by itself
};

/// Columns of a tracking row: frame, id, then those of an object row (15, and perhaps a score).
/// \param tracking  whether frame and id come first
Result<LabelRow> parse_label(std::string_view line, bool tracking, const std::string& place);

/// The numbers h w l x y z rotation_y of a row, as text with six decimals. \param in_camera  any rotation; only its
/// heading is kept
std::string label_numbers(const Cuboid& in_camera);

/// Heading about the camera's y axis, in [-pi, pi].
double rotation_y_of(const Cuboid& in_camera);
/// KITTI's alpha: the heading as seen along the line of sight, in [-pi, pi].
double observation_angle(const Cuboid& in_camera);

/// A row with what an edit can change replaced: class, observation angle, box and heading; the rest stays as it was.
/// \param first  column of the class, from 0
std::string changed_row(std::string_view row, std::size_t first, const std::string& class_name,
                        const Cuboid& in_camera);

/// Whether KITTI can hold an id or a class: no blanks, not empty.
bool is_single_word(const std::string& text);

/// Numbers of a calibration row, as they read back.
std::string numbers_text(std::span<const double> numbers);
/// The first three rows of the pose's matrix, row-major.
std::array<double, 12> rows_of(const Pose& pose);

}  // namespace sweepmark::kitti
