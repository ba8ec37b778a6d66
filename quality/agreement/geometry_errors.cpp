// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/geometry_errors.h"

#include <cmath>
#include <numbers>

#include "kernels/math/rigid.h"

namespace sweepmark {

CuboidDifference difference_of(const Cuboid& reference, const Cuboid& other) {
  CuboidDifference out;
  out.offset = rotate(conjugate(normalized(reference.rotation)), other.center - reference.center);
  out.size = other.size - reference.size;
  out.yaw = wrap_angle(yaw_of(other.rotation) - yaw_of(reference.rotation));
  out.is_flipped = std::abs(out.yaw) > std::numbers::pi / 2;
  if (out.is_flipped) out.yaw = wrap_angle(out.yaw + std::numbers::pi);
  return out;
}

void GeometryErrors::add(const CuboidDifference& difference, double similarity) {
  flipped_ += difference.is_flipped ? 1 : 0;
  center_.push_back(norm(difference.offset));
  along_.push_back(std::abs(difference.offset.x));
  across_.push_back(std::abs(difference.offset.y));
  up_.push_back(std::abs(difference.offset.z));
  yaw_.push_back(std::abs(difference.yaw));
  length_.push_back(std::abs(difference.size.x));
  width_.push_back(std::abs(difference.size.y));
  height_.push_back(std::abs(difference.size.z));
  similarity_.push_back(similarity);
}

void GeometryErrors::add(const GeometryErrors& other) {
  flipped_ += other.flipped_;
  const auto append = [](std::vector<double>& to, const std::vector<double>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(center_, other.center_);
  append(along_, other.along_);
  append(across_, other.across_);
  append(up_, other.up_);
  append(yaw_, other.yaw_);
  append(length_, other.length_);
  append(width_, other.width_);
  append(height_, other.height_);
  append(similarity_, other.similarity_);
}

GeometrySummary GeometryErrors::summary() const {
  return {center_.size(),     flipped_,           spread_of(center_),    spread_of(along_),
          spread_of(across_), spread_of(up_),     spread_of(yaw_),       spread_of(length_),
          spread_of(width_),  spread_of(height_), spread_of(similarity_)};
}

}  // namespace sweepmark
