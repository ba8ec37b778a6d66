// SPDX-License-Identifier: Apache-2.0
#include "data/formats/kitti_common.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <numbers>

#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::kitti {
namespace {

Pose pose_of(const std::vector<double>& m) {
  return {quat_from_matrix({{{m[0], m[1], m[2]}, {m[4], m[5], m[6]}, {m[8], m[9], m[10]}}}), {m[3], m[7], m[11]}};
}

/// Object and tracking datasets name the same matrices differently.
using Rows = std::map<std::string, std::vector<double>, std::less<>>;

const std::vector<double>* find_row(const Rows& rows, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const auto found = rows.find(name); found != rows.end()) return &found->second;
  }
  return nullptr;
}

}  // namespace

bool is_rotation(const std::vector<double>& m, std::size_t stride) {
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = i; j < 3; ++j) {
      double product = 0;
      for (std::size_t k = 0; k < 3; ++k) product += m[i * stride + k] * m[j * stride + k];
      if (!(std::abs(product - (i == j ? 1 : 0)) < 1e-2)) return false;
    }
  }
  return true;
}

Pose Calibration::ego_from_velo() const { return velo_from_imu ? inverse(*velo_from_imu) : Pose{}; }
Pose Calibration::ego_from_rectified() const { return ego_from_velo() * inverse(camera_from_velo); }

Sensor Calibration::camera(std::size_t number, std::string name) const {
  const ProjectionMatrix& projection = projections[number].value();
  return {.name = std::move(name),
          .kind = SensorKind::camera,
          .ego_from_sensor = ego_from_rectified() * projection.frame_from_camera(),
          .camera = projection.intrinsics()};
}

Result<ProjectionMatrix> projection_from(const std::vector<double>& numbers, const std::string& place) {
  ProjectionMatrix projection;
  if (numbers.size() != projection.rows.size())
    return Error{fmt::format("{}: expected a projection of 12 numbers, got {}", place, numbers.size())};
  std::ranges::copy(numbers, projection.rows.begin());
  if (!projection.is_plain())
    return Error{fmt::format("{}: expected a projection [f 0 c x; 0 f c y; 0 0 1 z] with f above 0, got [{}]", place,
                             fmt::join(numbers, " "))};
  return projection;
}

std::vector<std::size_t> cameras_of(const Calibration& calibration, const std::filesystem::path& root,
                                    std::string_view prefix) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < calibration.projections.size(); ++i) {
    std::error_code failure;
    if (i == 2 ||
        (calibration.projections[i] && std::filesystem::is_directory(root / fmt::format("{}{}", prefix, i), failure)))
      numbers.push_back(i);
  }
  return numbers;
}

Result<Calibration> parse_calibration(std::string_view text, const std::filesystem::path& file) {
  Rows rows;
  for (const Line& line : lines_of(text)) {
    std::size_t end = line.text.find_first_of(": \t");
    if (end == std::string_view::npos)
      return Error{fmt::format("{}: expected a name and numbers, got \"{}\"", at_line(file, line.number), line.text)};
    const std::string name(line.text.substr(0, end));
    if (line.text[end] == ':') ++end;
    auto numbers = parse_numbers(line.text.substr(end), 1, at_line(file, line.number));
    if (!numbers) return numbers.error();
    rows[name] = *std::move(numbers);
  }
  const auto* p2 = find_row(rows, {"P2"});
  const auto* rectify = find_row(rows, {"R0_rect", "R_rect"});
  const auto* velo = find_row(rows, {"Tr_velo_to_cam", "Tr_velo_cam"});
  const auto* imu = find_row(rows, {"Tr_imu_to_velo", "Tr_imu_velo"});
  const auto missing = [&](const char* name, std::size_t count) {
    return Error{
        fmt::format("expected a row {} of {} numbers that begins with a rotation: {}", name, count, file.string())};
  };
  if (p2 == nullptr) return Error{fmt::format("expected a row P2 of 12 numbers: {}", file.string())};
  Calibration calibration;
  for (std::size_t i = 0; i < calibration.projections.size(); ++i) {
    const std::string name = fmt::format("P{}", i);
    const auto* row = find_row(rows, {name});
    if (row == nullptr) continue;
    auto projection = projection_from(*row, fmt::format("{}: row {}", file.string(), name));
    if (!projection) return projection.error();
    calibration.projections[i] = *projection;
  }
  if (rectify == nullptr || rectify->size() != 9 || !is_rotation(*rectify, 3)) return missing("R0_rect", 9);
  if (velo == nullptr || velo->size() != 12 || !is_rotation(*velo, 4)) return missing("Tr_velo_to_cam", 12);
  if (imu != nullptr && (imu->size() != 12 || !is_rotation(*imu, 4))) return missing("Tr_imu_to_velo", 12);
  const auto& r = *rectify;
  const Pose rectification{quat_from_matrix({{{r[0], r[1], r[2]}, {r[3], r[4], r[5]}, {r[6], r[7], r[8]}}}), {}};
  calibration.camera_from_velo = rectification * pose_of(*velo);
  if (imu != nullptr) calibration.velo_from_imu = pose_of(*imu);
  return calibration;
}

Result<Calibration> read_calibration(const std::filesystem::path& root, const std::string& name) {
  const std::filesystem::path file = root / "calib" / (name + ".txt");
  auto text = read_file(file);
  if (!text) return text.error();
  return parse_calibration(*text, file);
}

Result<std::vector<Pose>> parse_pose_rows(std::string_view text, const std::filesystem::path& file) {
  std::vector<Pose> poses;
  const auto rows = rows_by_frame(text, file);
  if (!rows) return rows.error();
  for (const Line& line : *rows) {
    auto numbers = parse_numbers(line.text, 12, at_line(file, line.number));
    if (!numbers) return numbers.error();
    if (numbers->size() != 12 || !is_rotation(*numbers, 4)) {
      return Error{fmt::format("{}: expected 12 numbers, a rotation and a translation, got {}",
                               at_line(file, line.number), numbers->size())};
    }
    poses.push_back(pose_of(*numbers));
  }
  return poses;
}

Result<Oxts> parse_oxts(std::string_view line, const std::string& place) {
  auto n = parse_numbers(line, 6, place);
  if (!n) return n.error();
  const auto& v = *n;
  if (std::abs(v[0]) > 90 || std::abs(v[1]) > 360)
    return Error{fmt::format("{}: expected latitude and longitude in degrees, got {} and {}", place, v[0], v[1])};
  return Oxts{v[0], v[1], v[2], v[3], v[4], v[5]};
}

std::vector<Pose> poses_from_oxts(const std::vector<Oxts>& packets) {
  constexpr double earth_radius_m = 6378137, degree = std::numbers::pi / 180;
  std::vector<Pose> poses;
  if (packets.empty()) return poses;
  const double scale = std::cos(packets.front().latitude_deg * degree);
  for (const Oxts& o : packets) {
    const Vec3d position{scale * o.longitude_deg * degree * earth_radius_m,
                         scale * earth_radius_m * std::log(std::tan((90 + o.latitude_deg) * degree / 2)), o.altitude_m};
    poses.push_back({quat_from_euler(o.yaw, o.pitch, o.roll), position});
  }
  const Pose first_from_map = inverse(poses.front());
  for (Pose& pose : poses) pose = first_from_map * pose;
  return poses;
}

Result<LabelRow> parse_label(std::string_view line, bool tracking, const std::string& place) {
  const auto words = words_of(line);
  const std::size_t first = tracking ? 2 : 0, least = first + 15;
  if (words.size() < least)
    return Error{fmt::format("{}: expected at least {} columns, got {}", place, least, words.size())};
  LabelRow row;
  if (tracking) {
    if (!parse_number(words[0], row.frame) || row.frame < 0)
      return Error{fmt::format("{}: expected a frame number in column 1, got \"{}\"", place, words[0])};
    row.track_id = words[1];
  }
  row.class_name = words[first];
  row.is_object = row.class_name != "DontCare";
  double v[7];  // h w l x y z rotation_y
  for (std::size_t k = 0; k < 7; ++k) {
    const std::size_t column = first + 8 + k;
    if (parse_number(words[column], v[k])) continue;
    if (!is_no_finite_number(words[column]))
      return Error{fmt::format("{}: expected a number in column {}, got \"{}\"", place, column + 1, words[column])};
    row.fault = not_finite_fault(words[column]);
    v[k] = 0;
  }
  // The box's x axis is its heading in the camera's ground plane, its z axis points up, against the camera's y.
  const double c = std::cos(v[6]), s = std::sin(v[6]);
  row.in_camera = {
      {v[3], v[4] - v[0] / 2, v[5]}, {v[2], v[1], v[0]}, quat_from_matrix({{{c, s, 0}, {0, 0, -1}, {-s, c, 0}}})};
  if (!row.is_object) row.fault.reset();
  if (row.is_object && !row.fault) row.fault = cuboid_fault(row.in_camera);
  return row;
}

double rotation_y_of(const Cuboid& in_camera) {
  const Vec3d heading = rotate(in_camera.rotation, {1, 0, 0});
  return std::atan2(-heading.z, heading.x);
}

double observation_angle(const Cuboid& in_camera) {
  return wrap_angle(rotation_y_of(in_camera) - std::atan2(in_camera.center.x, in_camera.center.z));
}

std::string changed_row(std::string_view row, std::size_t first, const std::string& class_name,
                        const Cuboid& in_camera) {
  std::vector<std::string> words;
  for (const std::string_view word : words_of(row)) words.emplace_back(word);
  words[first] = class_name;
  words[first + 3] = fmt::format("{:.6f}", observation_angle(in_camera));
  const std::string numbers = label_numbers(in_camera);
  const auto fields = words_of(numbers);
  for (std::size_t k = 0; k < fields.size(); ++k) words[first + 8 + k] = fields[k];
  return fmt::format("{}", fmt::join(words, " "));
}

bool is_single_word(const std::string& text) {
  return words_of(text).size() == 1 && words_of(text)[0].size() == text.size() && text.find('\n') == std::string::npos;
}

std::string numbers_text(std::span<const double> numbers) {
  std::string text;
  for (const double value : numbers) text += (text.empty() ? "" : " ") + shortest(value);
  return text;
}

std::array<double, 12> rows_of(const Pose& pose) {
  const Mat3d r = matrix(pose.rotation);
  const Vec3d& t = pose.translation;
  return {r.m[0][0], r.m[0][1], r.m[0][2], t.x,       r.m[1][0], r.m[1][1],
          r.m[1][2], t.y,       r.m[2][0], r.m[2][1], r.m[2][2], t.z};
}

std::string label_numbers(const Cuboid& in_camera) {
  const Vec3d& c = in_camera.center;
  const Vec3d& s = in_camera.size;
  return fmt::format("{:.6f} {:.6f} {:.6f} {:.6f} {:.6f} {:.6f} {:.6f}", s.z, s.y, s.x, c.x, c.y + s.z / 2, c.z,
                     rotation_y_of(in_camera));
}

}  // namespace sweepmark::kitti
