// SPDX-License-Identifier: Apache-2.0
#include "quality/agreement/panoptic_quality.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "kernels/expects.h"

namespace sweepmark {
namespace {

/// Numbers the class names of both people in one way.
class ClassNumbers {
 public:
  std::uint32_t of(std::uint16_t number, const std::map<std::uint16_t, std::string>& names) {
    const auto named = names.find(number);
    const auto [at, is_new] =
        index_.try_emplace(named == names.end() ? std::to_string(number) : named->second, index_.size());
    return static_cast<std::uint32_t>(at->second);
  }
  const std::map<std::string, std::size_t>& all() const { return index_; }

 private:
  std::map<std::string, std::size_t> index_;
};

/// Which segment each point is in: class in the upper half, instance in the lower.
std::vector<std::uint64_t> segments_of(const PointLabels& labels, const std::map<std::uint16_t, std::string>& names,
                                       ClassNumbers& classes) {
  std::unordered_map<std::uint16_t, std::uint32_t> number_of;
  std::vector<std::uint64_t> out(labels.classes.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto [at, is_new] = number_of.try_emplace(labels.classes[i], 0);
    if (is_new) at->second = classes.of(labels.classes[i], names);
    out[i] = std::uint64_t{at->second} << 32 | (labels.instances.empty() ? 0 : labels.instances[i]);
  }
  return out;
}

std::size_t class_of(std::uint64_t segment) { return static_cast<std::size_t>(segment >> 32); }

/// Points that a segment of each have in common.
struct PairHash {
  std::size_t operator()(const std::pair<std::uint64_t, std::uint64_t>& p) const {
    return std::hash<std::uint64_t>()(p.first * 0x9E3779B97F4A7C15ULL + p.second);
  }
};

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

}  // namespace

PanopticQuality& PanopticQuality::operator+=(const PanopticQuality& other) {
  matched += other.matched;
  missed += other.missed;
  extra += other.extra;
  iou += other.iou;
  points_a += other.points_a;
  points_b += other.points_b;
  points_both += other.points_both;
  return *this;
}

double PanopticQuality::segmentation() const { return ratio(iou, static_cast<double>(matched)); }
double PanopticQuality::recognition() const {
  return ratio(static_cast<double>(2 * matched), static_cast<double>(2 * matched + missed + extra));
}
double PanopticQuality::quality() const { return segmentation() * recognition(); }
double PanopticQuality::class_iou() const {
  return ratio(static_cast<double>(points_both), static_cast<double>(points_a + points_b - points_both));
}

std::map<std::string, PanopticQuality> panoptic_quality(const PointLabels& a, const PointLabels& b,
                                                        const std::map<std::uint16_t, std::string>& names_a,
                                                        const std::map<std::uint16_t, std::string>& names_b) {
  SWEEPMARK_EXPECTS(a.classes.size() == b.classes.size());
  ClassNumbers classes;
  const auto of_a = segments_of(a, names_a, classes), of_b = segments_of(b, names_b, classes);
  std::unordered_map<std::uint64_t, double> size_a, size_b;
  std::unordered_map<std::pair<std::uint64_t, std::uint64_t>, double, PairHash> common;
  std::vector<PanopticQuality> quality(classes.all().size());
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    size_a[of_a[i]] += 1;
    size_b[of_b[i]] += 1;
    ++quality[class_of(of_a[i])].points_a;
    ++quality[class_of(of_b[i])].points_b;
    if (class_of(of_a[i]) != class_of(of_b[i])) continue;
    common[{of_a[i], of_b[i]}] += 1;
    ++quality[class_of(of_a[i])].points_both;
  }
  for (const auto& [segment, size] : size_a) ++quality[class_of(segment)].missed;
  for (const auto& [segment, size] : size_b) ++quality[class_of(segment)].extra;
  for (const auto& [pair, both] : common) {
    const double iou = both / (size_a.at(pair.first) + size_b.at(pair.second) - both);
    if (iou <= 0.5) continue;
    PanopticQuality& of_class = quality[class_of(pair.first)];
    ++of_class.matched;
    --of_class.missed;
    --of_class.extra;
    of_class.iou += iou;
  }
  std::map<std::string, PanopticQuality> out;
  for (const auto& [name, index] : classes.all()) out[name] = quality[index];
  return out;
}

}  // namespace sweepmark
