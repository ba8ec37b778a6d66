// SPDX-License-Identifier: Apache-2.0
#include "data/formats/kitti_raw_calibration.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <string_view>

#include "data/formats/kitti_common.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::kitti_raw {
namespace fs = std::filesystem;
namespace {

/// Rows "name: numbers" of a file; rows of other content, as the time of the calibration, are left out.
class CalibrationFile {
 public:
  static Result<CalibrationFile> read(const fs::path& path) {
    auto text = read_file(path);
    if (!text) return text.error();
    CalibrationFile file;
    file.path_ = path;
    for (const Line& line : lines_of(*text)) {
      const std::size_t colon = line.text.find(':');
      if (colon == std::string_view::npos) continue;
      file.lines_[std::string(line.text.substr(0, colon))] = {line.number, std::string(line.text.substr(colon + 1))};
    }
    return file;
  }

  const fs::path& path() const { return path_; }
  bool has(const std::string& name) const { return lines_.contains(name); }

  Result<std::vector<double>> numbers(const std::string& name, std::size_t count) const {
    const auto found = lines_.find(name);
    if (found == lines_.end()) return Error{fmt::format("expected a row {}: {}", name, path_.string())};
    const auto& [line, text] = found->second;
    auto values = parse_numbers(text, count, at_line(path_, line));
    if (values && values->size() != count)
      return Error{
          fmt::format("{}: expected {} numbers of {}, got {}", at_line(path_, line), count, name, values->size())};
    return values;
  }

  Result<Quat> rotation(const std::string& name) const {
    auto r = numbers(name, 9);
    if (!r) return r.error();
    if (!kitti::is_rotation(*r, 3))
      return Error{fmt::format("{}: expected a rotation in {}", at_line(path_, lines_.at(name).first), name)};
    const auto& v = *r;
    return quat_from_matrix({{{v[0], v[1], v[2]}, {v[3], v[4], v[5]}, {v[6], v[7], v[8]}}});
  }

  Result<Pose> transform(const std::string& suffix = "") const {
    auto turn = rotation("R" + suffix);
    if (!turn) return turn.error();
    auto shift = numbers("T" + suffix, 3);
    if (!shift) return shift.error();
    return Pose{*turn, {(*shift)[0], (*shift)[1], (*shift)[2]}};
  }

 private:
  fs::path path_;
  std::map<std::string, std::pair<std::size_t, std::string>> lines_;
};

Result<void> set_size(const CalibrationFile& file, const std::string& name, CameraIntrinsics& camera) {
  auto size = file.numbers(name, 2);
  if (!size) return size.error();
  for (const double side : *size) {
    if (!(side >= 1) || side > 1e6)
      return Error{
          fmt::format("expected a width and a height in pixels in {}, got {}: {}", name, side, file.path().string())};
  }
  camera.width = static_cast<int>(std::lround((*size)[0])), camera.height = static_cast<int>(std::lround((*size)[1]));
  return {};
}

/// Undistorted: seen through P_rect, in the rectified frame of camera 0.
Result<Sensor> rectified_camera(const CalibrationFile& file, const std::string& number, const Pose& ego_from_camera_0) {
  auto rectification = file.rotation("R_rect_00");
  if (!rectification) return rectification.error();
  auto numbers = file.numbers("P_rect_" + number, 12);
  if (!numbers) return numbers.error();
  auto projection = kitti::projection_from(*numbers, fmt::format("{}: P_rect_{}", file.path().string(), number));
  if (!projection) return projection.error();
  CameraIntrinsics camera = projection->intrinsics();
  if (auto set = set_size(file, "S_rect_" + number, camera); !set) return set.error();
  return Sensor{
      .name = "image_" + number,
      .kind = SensorKind::camera,
      .ego_from_sensor = ego_from_camera_0 * inverse(Pose{*rectification, {}}) * projection->frame_from_camera(),
      .camera = std::move(camera)};
}

/// As taken: its own matrix and its lens.
Result<Sensor> camera_as_taken(const CalibrationFile& file, const std::string& number, const Pose& ego_from_camera_0) {
  auto camera_from_camera_0 = file.transform("_" + number);
  if (!camera_from_camera_0) return camera_from_camera_0.error();
  auto k = file.numbers("K_" + number, 9);
  if (!k) return k.error();
  auto lens = file.numbers("D_" + number, 5);
  if (!lens) return lens.error();
  CameraIntrinsics camera;
  camera.fx = (*k)[0], camera.cx = (*k)[2], camera.fy = (*k)[4], camera.cy = (*k)[5];
  if (!(camera.fx > 0) || !(camera.fy > 0))
    return Error{fmt::format("expected focal lengths above 0 in K_{}: {}", number, file.path().string())};
  camera.distortion = *lens;
  if (auto set = set_size(file, "S_" + number, camera); !set) return set.error();
  return Sensor{.name = "image_" + number,
                .kind = SensorKind::camera,
                .ego_from_sensor = ego_from_camera_0 * inverse(*camera_from_camera_0),
                .camera = std::move(camera)};
}

}  // namespace

Result<Calibration> read_calibration(const fs::path& date_folder, bool is_rectified) {
  Calibration calibration;
  std::error_code failure;
  if (const fs::path path = date_folder / "calib_imu_to_velo.txt"; fs::exists(path, failure)) {
    auto file = CalibrationFile::read(path);
    if (!file) return file.error();
    auto velo_from_imu = file->transform();
    if (!velo_from_imu) return velo_from_imu.error();
    calibration.ego_from_velo = inverse(*velo_from_imu);
  } else {
    calibration.notes.push_back(
        "no calib_imu_to_velo.txt in the drive's parent folder: the LiDAR is taken to sit at the IMU");
  }
  const fs::path to_camera = date_folder / "calib_velo_to_cam.txt", cameras = date_folder / "calib_cam_to_cam.txt";
  for (const fs::path& path : {to_camera, cameras}) {
    if (fs::exists(path, failure)) continue;
    calibration.notes.push_back(
        fmt::format("no {} in the drive's parent folder: no camera is calibrated, so nothing is drawn in its images",
                    path.filename().string()));
    return calibration;
  }
  auto file = CalibrationFile::read(to_camera);
  if (!file) return file.error();
  auto camera_from_velo = file->transform();
  if (!camera_from_velo) return camera_from_velo.error();
  const Pose ego_from_camera_0 = calibration.ego_from_velo * inverse(*camera_from_velo);
  file = CalibrationFile::read(cameras);
  if (!file) return file.error();
  for (std::size_t i = 0; i < calibration.cameras.size(); ++i) {
    const std::string number = fmt::format("0{}", i);
    if (!file->has((is_rectified ? "P_rect_" : "K_") + number)) continue;
    auto camera = is_rectified ? rectified_camera(*file, number, ego_from_camera_0)
                               : camera_as_taken(*file, number, ego_from_camera_0);
    if (!camera) return camera.error();
    calibration.cameras[i] = *std::move(camera);
  }
  return calibration;
}

}  // namespace sweepmark::kitti_raw
