// SPDX-License-Identifier: Apache-2.0
#include "data/formats/segments_ai_parts.h"

#include <fmt/format.h>

#include <optional>

#include "data/formats/text.h"

namespace sweepmark::segments_ai {

using json::Json;
namespace fs = std::filesystem;

namespace {

/// A whole number, written as it would be.
std::optional<std::int64_t> as_number(const std::string& text) {
  std::int64_t number = 0;
  if (!parse_number(text, number) || number < 0 || std::to_string(number) != text) return std::nullopt;
  return number;
}

/// What the service calls a file of points; null where it does not read such.
const char* type_of(PointFileKind kind) {
  switch (kind) {
    case PointFileKind::kitti_bin:
      return "kitti";
    case PointFileKind::nuscenes_bin:
      return "nuscenes";
    case PointFileKind::pcd:
      return "pcd";
    case PointFileKind::ply:
      return "ply";
    case PointFileKind::av2_feather:
    case PointFileKind::scale_frame:
    case PointFileKind::raw_bin:
    case PointFileKind::npy:
      return nullptr;
  }
  return nullptr;
}

}  // namespace

void TrackNumbers::read(const Json& frames) {
  std::map<std::string, std::string> number_of_id;
  std::set<std::string> plain;  // numbers without the attribute
  bool is_one_to_one = true;
  for (const Json& frame : frames) {
    const Json* annotations = json::optional_member(frame, "annotations");
    if (annotations == nullptr || !annotations->is_array()) continue;
    for (const Json& annotation : *annotations) {
      const Json* track = json::optional_member(annotation, "track_id");
      if (track == nullptr) continue;
      const std::string number = json::attribute_text(*track);
      const Json* attributes = json::optional_member(annotation, "attributes");
      const Json* id = attributes == nullptr ? nullptr : json::optional_member(*attributes, id_attribute);
      if (id == nullptr) {
        plain.insert(number);
        continue;
      }
      const std::string text = json::attribute_text(*id);
      is_one_to_one = is_one_to_one && id_of_number_.emplace(number, text).first->second == text &&
                      number_of_id.emplace(text, number).first->second == number;
    }
  }
  for (const std::string& number : plain)
    is_one_to_one = is_one_to_one && (id_of_number_.contains(number) || !number_of_id.contains(number));
  if (!is_one_to_one) id_of_number_.clear();
}

const std::string& TrackNumbers::id_of(const std::string& number) const {
  const auto known = id_of_number_.find(number);
  return known == id_of_number_.end() ? number : known->second;
}

void TrackNumbers::add(const std::string& number) {
  const auto whole = as_number(number);
  if (!whole) return;
  number_of_id_.emplace(id_of(number), *whole);
  taken_.insert(*whole);
}

void TrackNumbers::reserve(const LabelSet& labels) {
  for (const Track& track : labels.tracks) {
    const auto whole = as_number(track.id);
    if (whole && !number_of_id_.contains(track.id) && taken_.insert(*whole).second) number_of_id_[track.id] = *whole;
  }
}

std::int64_t TrackNumbers::number_of(const std::string& id) {
  const auto [known, is_new] = number_of_id_.try_emplace(id, 0);
  if (!is_new) return known->second;
  while (!taken_.insert(next_).second) ++next_;
  return known->second = next_;
}

NamedCloud cloud_of(const Scene& scene, std::size_t frame, const fs::path& folder) {
  const Frame& f = scene.frames[frame];
  if (f.sweeps.empty()) return {{{"url", fmt::format("{:06}.pcd", frame)}, {"type", "pcd"}}, f.world_from_ego};
  const SweepRef& sweep = scene.sweeps[f.sweeps.front()];
  const char* type = type_of(sweep.kind);
  if (type == nullptr) return {{{"url", sweep.file.stem().string() + ".pcd"}, {"type", "pcd"}}, f.world_from_ego};
  std::error_code failure;
  const fs::path file = fs::absolute(sweep.file, failure).lexically_normal().lexically_proximate(folder);
  return {{{"url", file.generic_string()}, {"type", type}}, sweep.world_from_points};
}

}  // namespace sweepmark::segments_ai
