// SPDX-License-Identifier: Apache-2.0
#include "quality/check_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "data/formats/text.h"
#include "kernels/expects.h"

namespace sweepmark {
namespace {

using Json = nlohmann::json;

/// The first word found decides: things beside the road carry the names of those on it ("pedestrian crossing sign").
constexpr std::array<std::pair<std::string_view, std::string_view>, 26> words_of_groups = {{
    {"sign", "other"},        {"cone", "other"},        {"barrier", "other"},    {"rack", "other"},
    {"signal", "other"},      {"misc", "other"},        {"dontcare", "other"},   {"ped", "pedestrian"},
    {"person", "pedestrian"}, {"human", "pedestrian"},  {"child", "pedestrian"}, {"motorc", "vehicle"},
    {"motorb", "vehicle"},    {"cycl", "cyclist"},      {"bike", "cyclist"},     {"rider", "cyclist"},
    {"scooter", "cyclist"},   {"vehicle", "vehicle"},   {"car", "vehicle"},      {"truck", "vehicle"},
    {"bus", "vehicle"},       {"van", "vehicle"},       {"trailer", "vehicle"},  {"tram", "vehicle"},
    {"train", "vehicle"},     {"emergency", "vehicle"},
}};

Result<void> read_number(const Json& value, double& to, const std::string& where) {
  if (!value.is_number() || value.get<double>() < 0)
    return Error{fmt::format("{}: expected a number that is not negative, got {}", where, value.dump())};
  to = value.get<double>();
  return {};
}

Result<void> read_flag(const Json& value, bool& to, const std::string& where) {
  if (!value.is_boolean()) return Error{fmt::format("{}: expected true or false, got {}", where, value.dump())};
  to = value.get<bool>();
  return {};
}

Result<void> read_group(const Json& object, MotionLimits& to, const std::string& where) {
  if (!object.is_object()) return Error{fmt::format("{}: expected an object", where)};
  for (const auto& [name, value] : object.items()) {
    const std::string member = where + "." + name;
    Result<void> done = Error{fmt::format("{}: no such member", member)};
    if (name == "speed_mps") done = read_number(value, to.speed_mps, member);
    if (name == "acceleration_mps2") done = read_number(value, to.acceleration_mps2, member);
    if (name == "yaw_rate_rad_s") done = read_number(value, to.yaw_rate_rad_s, member);
    if (name == "is_rigid") done = read_flag(value, to.is_rigid, member);
    if (name == "heads_where_it_goes") done = read_flag(value, to.heads_where_it_goes, member);
    if (name == "stands_on_ground") done = read_flag(value, to.stands_on_ground, member);
    if (!done) return done;
  }
  return {};
}

Result<void> read_member(const std::string& name, const Json& value, CheckLimits& limits, const std::string& where) {
  const std::pair<std::string_view, double*> numbers[] = {
      {"window_s", &limits.window_s},
      {"size_change", &limits.size_change},
      {"overlap_iou", &limits.overlap_iou},
      {"duplicate_iou", &limits.duplicate_iou},
      {"ground_m", &limits.ground_m},
      {"heading_speed_mps", &limits.heading_speed_mps},
      {"sweep_tolerance_s", &limits.sweep_tolerance_s},
      {"beyond_image_px", &limits.beyond_image_px},
      {"beyond_image_share", &limits.beyond_image_share},
      {"image_duplicate_iou", &limits.image_duplicate_iou},
      {"parts_share", &limits.parts_share},
      {"parts_iou", &limits.parts_iou},
      {"keypoint_margin", &limits.keypoint_margin},
      {"jump_sizes_per_s", &limits.jump_sizes_per_s},
  };
  for (const auto& [number, to] : numbers) {
    if (name == number) return read_number(value, *to, where);
  }
  const std::pair<std::string_view, std::size_t*> counts[] = {{"flicker_frames", &limits.flicker_frames},
                                                              {"fewest_ground_points", &limits.fewest_ground_points}};
  for (const auto& [count, to] : counts) {
    if (name != count) continue;
    if (!value.is_number_unsigned())
      return Error{fmt::format("{}: expected a whole number that is not negative, got {}", where, value.dump())};
    *to = value.get<std::size_t>();
    return {};
  }
  if (name != "groups" && name != "group_of_class") return Error{fmt::format("{}: no such member", where)};
  if (!value.is_object()) return Error{fmt::format("{}: expected an object", where)};
  for (const auto& [key, entry] : value.items()) {
    if (name == "groups") {
      if (auto done = read_group(entry, limits.groups[key], where + "." + key); !done) return done;
    } else if (entry.is_string()) {
      limits.group_of_class[key] = entry.get<std::string>();
    } else {
      return Error{fmt::format("{}.{}: expected the name of a group, got {}", where, key, entry.dump())};
    }
  }
  return {};
}

}  // namespace

std::string_view CheckLimits::group_of(std::string_view class_name) const {
  if (const auto listed = group_of_class.find(std::string(class_name)); listed != group_of_class.end())
    return listed->second;
  std::string lower(class_name);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& [word, group] : words_of_groups) {
    if (lower.find(word) != std::string::npos) return group;
  }
  return "other";
}

const MotionLimits& CheckLimits::limits_of(std::string_view class_name) const {
  const auto at = groups.find(std::string(group_of(class_name)));
  SWEEPMARK_EXPECTS(at != groups.end());
  return at->second;
}

Result<CheckLimits> read_check_limits(const std::filesystem::path& file) {
  auto content = read_file(file);
  if (!content) return content.error();
  const Json json = Json::parse(*content, nullptr, false);
  if (!json.is_object()) return Error{fmt::format("{}: expected a JSON object", file.string())};
  CheckLimits limits;
  for (const auto& [name, value] : json.items()) {
    if (auto done = read_member(name, value, limits, file.string() + ": " + name); !done) return done.error();
  }
  for (const auto& [class_name, group] : limits.group_of_class) {
    if (!limits.groups.contains(group))
      return Error{fmt::format("{}: group_of_class.{}: no group {}", file.string(), class_name, group)};
  }
  return limits;
}

}  // namespace sweepmark
