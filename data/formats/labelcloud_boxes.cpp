// SPDX-License-Identifier: Apache-2.0
#include "data/formats/labelcloud_boxes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

#include "data/formats/bad_rows.h"
#include "data/formats/kitti_common.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::labelcloud {
namespace fs = std::filesystem;
namespace {

using json::Json;

Vec3d rotations_of(const Json& object, const std::string& at) {
  return json::vector_of_members(json::member(object, "rotations", at), at + "/rotations");
}

Cuboid centroid_box(const Json& object, const std::string& at, double radians_of_unit) {
  const Json& dimensions = json::member(object, "dimensions", at);
  const std::string place = at + "/dimensions";
  const Vec3d size{json::number_of(dimensions, "length", place), json::number_of(dimensions, "width", place),
                   json::number_of(dimensions, "height", place)};
  expect_no_fault(size_fault(size), place);
  const Vec3d angles = rotations_of(object, at);
  return {json::vector_of_members(json::member(object, "centroid", at), at + "/centroid"), size,
          quat_from_euler(angles.z * radians_of_unit, angles.y * radians_of_unit, angles.x * radians_of_unit)};
}

Cuboid corners_box(const Json& object, const std::string& at) {
  const std::string place = at + "/vertices";
  const Json& list = json::array(json::member(object, "vertices", at), place);
  constexpr std::size_t corners = 8;
  if (list.size() != corners) json::fail(place, fmt::format("eight corners, got {}", list.size()));
  std::array<Vec3d, corners> corner;
  for (std::size_t i = 0; i < corners; ++i) {
    const auto v = json::numbers<3>(list[i], fmt::format("{}/{}", place, i));
    corner[i] = {v[0], v[1], v[2]};
  }
  const Vec3d along = corner[3] - corner[0], aside = corner[1] - corner[0], up = corner[4] - corner[0];
  const Vec3d size{norm(along), norm(aside), norm(up)};
  expect_no_fault(size_fault(size), place);
  const Vec3d x = (1 / size.x) * along, y = (1 / size.y) * aside, z = (1 / size.z) * up;
  if (!kitti::is_rotation({x.x, y.x, z.x, x.y, y.y, z.y, x.z, y.z, z.z}, 3) || dot(cross(x, y), z) < 0)
    json::fail(place, "edges from corner 0 to 3, 1 and 4 at right angles, as x, y and z");
  // The other corners follow from these.
  const std::array<Vec3d, corners> wanted = {corner[0], corner[1],      corner[1] + along,      corner[3],
                                             corner[4], corner[1] + up, corner[1] + along + up, corner[3] + up};
  const double tolerance = 1e-3 * (1 + norm(size));
  for (std::size_t i = 0; i < corners; ++i) {
    if (norm(corner[i] - wanted[i]) > tolerance) json::fail(fmt::format("{}/{}", place, i), "the corner of a box");
  }
  return {0.5 * (corner[2] + corner[4]), size,
          normalized(quat_from_matrix({{{x.x, y.x, z.x}, {x.y, y.y, z.y}, {x.z, y.z, z.z}}}))};
}

}  // namespace

void look_at_angles(const Json& root, Angles& angles) {
  constexpr double rounded_pi = std::numbers::pi + 1e-6;
  json::each(root, "objects", "", [&](const Json& object, const std::string& at) {
    if (!object.contains("centroid")) return;
    const Vec3d r = rotations_of(object, at);
    for (const double angle : {r.x, r.y, r.z}) {
      angles.is_any = angles.is_any || angle != 0;
      angles.is_negative = angles.is_negative || angle < 0;
      angles.is_beyond_radians = angles.is_beyond_radians || std::abs(angle) > rounded_pi;
    }
  });
}

std::vector<Box> boxes_of(const Json& root, double radians_of_unit, const BadRow& row, std::vector<BadRow>& bad_rows) {
  std::vector<Box> boxes;
  json::array(json::member(root, "objects", ""), "/objects");
  json::each(root, "objects", "", [&](const Json& object, const std::string& at) {
    BadRow here = row;
    here.place = at;
    const std::string name = json::text_of(object, "name", at);
    collect(bad_rows, here, [&](BadRow&) {
      const Cuboid box =
          object.contains("vertices") ? corners_box(object, at) : centroid_box(object, at, radians_of_unit);
      expect_no_fault(cuboid_fault(box), at);
      boxes.push_back({name, box});
    });
  });
  return boxes;
}

Result<std::vector<Box>> boxes_of_rows(std::string_view text, const fs::path& file, const Pose* cloud_from_camera,
                                       std::size_t& skipped, TimestampNs time, std::vector<BadRow>& bad_rows) {
  std::vector<Box> boxes;
  for (const Line& line : lines_of(text)) {
    const auto words = words_of(line.text);
    constexpr std::size_t columns = 15, first_number = 8;
    const std::string place = at_line(file, line.number);
    if (words.size() < columns)
      return Error{fmt::format("{}: expected {} columns, got {}", place, columns, words.size())};
    if (words[0] == "DontCare") {
      ++skipped;
      continue;
    }
    std::optional<RowFault> fault;
    std::array<double, columns - first_number> v{};  // height width length x y z rotation_y
    for (std::size_t i = 0; i < v.size(); ++i) {
      const std::string_view word = words[first_number + i];
      if (parse_number(word, v[i])) continue;
      if (!is_no_finite_number(word))
        return Error{fmt::format("{}: expected a number in column {}, got \"{}\"", place, first_number + i + 1, word)};
      fault = not_finite_fault(word);
      v[i] = 0;
    }
    const Vec3d size{v[2], v[1], v[0]}, location{v[3], v[4], v[5]};
    Cuboid box{location, size, quat_from_yaw(v[6])};
    if (cloud_from_camera != nullptr)
      box = {*cloud_from_camera * location + Vec3d{0, 0, size.z / 2}, size, quat_from_yaw(std::numbers::pi / 2 - v[6])};
    if (!fault) fault = cuboid_fault(box);
    if (fault) {
      add_bad_row(bad_rows, bad_row_at(file, fmt::format("line {}", line.number), {}, time), *fault);
      continue;
    }
    boxes.push_back({std::string(words[0]), box});
  }
  return boxes;
}

Result<Pose> read_cloud_from_camera(const fs::path& file) {
  auto text = read_file(file);
  if (!text) return text.error();
  const auto row = [&](std::string_view name, std::size_t count) -> Result<std::vector<double>> {
    for (const Line& line : lines_of(*text)) {
      if (!line.text.starts_with(name)) continue;
      auto numbers = parse_numbers(line.text.substr(name.size()), count, at_line(file, line.number));
      if (!numbers) return numbers;
      if (!kitti::is_rotation(*numbers, count / 3))
        return Error{fmt::format("{}: expected a rotation in {}", at_line(file, line.number), name)};
      return numbers;
    }
    return Error{fmt::format("expected a row {} {} numbers: {}", name, count, file.string())};
  };
  const auto r = row("R0_rect:", 9), t = row("Tr_velo_to_cam:", 12);
  if (!r) return r.error();
  if (!t) return t.error();
  const auto rotation = [](const std::vector<double>& m, std::size_t stride) {
    return quat_from_matrix({{{m[0], m[1], m[2]},
                              {m[stride], m[stride + 1], m[stride + 2]},
                              {m[2 * stride], m[2 * stride + 1], m[2 * stride + 2]}}});
  };
  const Pose rectify{rotation(*r, 3), {}}, camera_from_cloud{rotation(*t, 4), {(*t)[3], (*t)[7], (*t)[11]}};
  return inverse(rectify * camera_from_cloud);
}

}  // namespace sweepmark::labelcloud
