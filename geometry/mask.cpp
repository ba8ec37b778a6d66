// SPDX-License-Identifier: Apache-2.0
#include "geometry/mask.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sweepmark {
namespace {

constexpr std::uint64_t most_pixels = 0xFFFFFFFFU;

std::string size_text(std::uint32_t width, std::uint32_t height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

/// Walks two masks together; visit(begin, end, in_a, in_b) for each stretch where neither changes.
template <class Visit>
void walk_both(const Mask& a, const Mask& b, Visit visit) {
  SWEEPMARK_EXPECTS(a.width() == b.width() && a.height() == b.height());
  const auto runs_a = a.runs(), runs_b = b.runs();
  std::size_t i = 0, k = 0;
  std::uint64_t at = 0;
  std::uint32_t left_a = runs_a.empty() ? 0 : runs_a[0], left_b = runs_b.empty() ? 0 : runs_b[0];
  while (i < runs_a.size() && k < runs_b.size()) {
    const std::uint32_t step = std::min(left_a, left_b);
    if (step > 0) visit(at, at + step, i % 2 == 1, k % 2 == 1);
    at += step;
    left_a -= step;
    left_b -= step;
    if (left_a == 0 && ++i < runs_a.size()) left_a = runs_a[i];
    if (left_b == 0 && ++k < runs_b.size()) left_b = runs_b[k];
  }
}

template <class Rule>
Mask combine(const Mask& a, const Mask& b, Rule rule) {
  MaskBuilder builder(a.width(), a.height());
  walk_both(a, b, [&](std::uint64_t begin, std::uint64_t end, bool in_a, bool in_b) {
    if (rule(in_a, in_b)) builder.add(begin, end);
  });
  return std::move(builder).take();
}

}  // namespace

Mask::Mask(std::uint32_t width, std::uint32_t height) : Mask(MaskBuilder(width, height).take()) {}

Result<Mask> Mask::from_runs(std::uint32_t width, std::uint32_t height, std::span<const std::uint32_t> runs) {
  const std::uint64_t pixels = std::uint64_t{width} * height;
  if (pixels > most_pixels) return Error{"a mask of " + size_text(width, height) + " pixels is too large"};
  std::uint64_t sum = 0;
  for (const std::uint32_t run : runs) sum += run;
  if (sum != pixels)
    return Error{"expected runs of " + std::to_string(pixels) + " pixels for a mask of " + size_text(width, height) +
                 ", got " + std::to_string(sum)};
  MaskBuilder builder(width, height);
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (i % 2 == 1) builder.add(at, at + runs[i]);
    at += runs[i];
  }
  return std::move(builder).take();
}

MaskBuilder::MaskBuilder(std::uint32_t width, std::uint32_t height) {
  SWEEPMARK_EXPECTS(std::uint64_t{width} * height <= most_pixels);
  mask_.width_ = width;
  mask_.height_ = height;
}

void MaskBuilder::add(std::uint64_t begin, std::uint64_t end) {
  SWEEPMARK_EXPECTS(at_ <= begin && begin <= end && end <= std::uint64_t{mask_.width_} * mask_.height_);
  if (begin == end) return;
  auto& runs = mask_.runs_;
  if (begin == at_ && !runs.empty()) {
    runs.back() += static_cast<std::uint32_t>(end - begin);
  } else {
    runs.push_back(static_cast<std::uint32_t>(begin - at_));
    runs.push_back(static_cast<std::uint32_t>(end - begin));
  }
  at_ = end;
}

Mask MaskBuilder::take() && {
  const std::uint64_t pixels = std::uint64_t{mask_.width_} * mask_.height_;
  if (at_ < pixels) mask_.runs_.push_back(static_cast<std::uint32_t>(pixels - at_));
  return std::move(mask_);
}

std::uint64_t area(const Mask& mask) {
  std::uint64_t sum = 0;
  const auto runs = mask.runs();
  for (std::size_t i = 1; i < runs.size(); i += 2) sum += runs[i];
  return sum;
}

ImageBox bounds(const Mask& mask) {
  if (mask.is_empty()) return {};
  const std::uint64_t height = mask.height();
  const auto runs = mask.runs();
  std::uint64_t left = mask.width(), right = 0, top = height, bottom = 0, at = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::uint64_t begin = at, last = at + runs[i] - 1;
    at += runs[i];
    if (i % 2 == 0) continue;
    left = std::min(left, begin / height);
    right = std::max(right, last / height + 1);
    const bool is_one_column = begin / height == last / height;
    top = is_one_column ? std::min(top, begin % height) : 0;
    bottom = is_one_column ? std::max(bottom, last % height + 1) : height;
  }
  return {static_cast<double>(left), static_cast<double>(top), static_cast<double>(right), static_cast<double>(bottom),
          0};
}

Mask intersection(const Mask& a, const Mask& b) {
  return combine(a, b, [](bool in_a, bool in_b) { return in_a && in_b; });
}
Mask union_of(const Mask& a, const Mask& b) {
  return combine(a, b, [](bool in_a, bool in_b) { return in_a || in_b; });
}
Mask difference(const Mask& a, const Mask& b) {
  return combine(a, b, [](bool in_a, bool in_b) { return in_a && !in_b; });
}
Mask inverse(const Mask& mask) {
  MaskBuilder builder(mask.width(), mask.height());
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < mask.runs().size(); ++i) {
    if (i % 2 == 0) builder.add(at, at + mask.runs()[i]);
    at += mask.runs()[i];
  }
  return std::move(builder).take();
}

std::uint64_t intersection_area(const Mask& a, const Mask& b) {
  std::uint64_t sum = 0;
  walk_both(a, b, [&](std::uint64_t begin, std::uint64_t end, bool in_a, bool in_b) {
    if (in_a && in_b) sum += end - begin;
  });
  return sum;
}

double iou(const Mask& a, const Mask& b) {
  const std::uint64_t both = intersection_area(a, b);
  const std::uint64_t either = area(a) + area(b) - both;
  return either == 0 ? 0 : static_cast<double>(both) / static_cast<double>(either);
}

}  // namespace sweepmark
