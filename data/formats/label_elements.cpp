// SPDX-License-Identifier: Apache-2.0
#include "data/formats/label_elements.h"

#include <algorithm>
#include <cmath>

#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark {

void LabelElements::add(std::size_t frame, json::Json element, LabelRow row, const std::string& where) {
  expect_no_fault(cuboid_fault(row.in_world), where);
  const std::string track = row.track;
  if (!rows.add(std::move(row))) expect_no_fault(second_row_fault(track), where);
  elements(frame).push_back({std::move(element), rows.size() - 1});
}

std::vector<std::vector<json::Json>> LabelElements::merged(
    std::size_t frames, std::span<const OutputLabel> ordered,
    const std::function<void(json::Json&, const OutputLabel&)>& update) const {
  std::vector<const OutputLabel*> label_of_row(rows.size(), nullptr);
  for (const OutputLabel& label : ordered) {
    if (label.row) label_of_row[*label.row] = &label;
  }
  std::vector<std::vector<json::Json>> out(std::max(frames, of_frame_.size()));
  for (std::size_t f = 0; f < of_frame_.size(); ++f) {
    for (const Element& element : of_frame_[f]) {
      if (!element.row) {
        out[f].push_back(element.value);
      } else if (const OutputLabel* label = label_of_row[*element.row]) {
        out[f].push_back(element.value);
        if (!label->is_unchanged) update(out[f].back(), *label);
      }
    }
  }
  for (const OutputLabel& label : ordered) {
    if (label.row) continue;
    out[label.frame].push_back(json::Json::object());
    update(out[label.frame].back(), label);
  }
  return out;
}

bool LabelElements::all_unchanged(std::span<const OutputLabel> ordered) const {
  return ordered.size() == rows.size() && std::ranges::all_of(ordered, &OutputLabel::is_unchanged);
}

Quat quat_from_xyz(Vec3d a) {
  return Quat{std::cos(a.x / 2), std::sin(a.x / 2), 0, 0} * Quat{std::cos(a.y / 2), 0, std::sin(a.y / 2), 0} *
         quat_from_yaw(a.z);
}

Vec3d xyz_from_quat(Quat rotation) {
  constexpr int decimals = 12;
  // An upright cuboid keeps exact zeros.
  if (rotation.x == 0 && rotation.y == 0) return {0, 0, rounded(yaw_of(rotation), decimals)};
  const Mat3d r = matrix(rotation);
  const double sine = std::clamp(r.m[0][2], -1.0, 1.0);
  Vec3d a{std::atan2(-r.m[1][2], r.m[2][2]), std::asin(sine), std::atan2(-r.m[0][1], r.m[0][0])};
  if (std::abs(sine) > 1 - 1e-12)
    a = {std::atan2(r.m[2][1], r.m[1][1]), a.y, 0};  // only the sum of two angles is known
  return {rounded(a.x, decimals), rounded(a.y, decimals), rounded(a.z, decimals)};
}

}  // namespace sweepmark
