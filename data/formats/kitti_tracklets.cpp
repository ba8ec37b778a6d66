// SPDX-License-Identifier: Apache-2.0
//
// Source: the raw dataset's development kit, tracklets.h and readme.txt.
#include "data/formats/kitti_tracklets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <pugixml.hpp>
#include <sstream>

#include "data/atomic_file.h"
#include "data/formats/scene_tools.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::kitti_tracklets {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 6> placement = {"tx", "ty", "tz", "rx", "ry", "rz"};
/// What a pose holds beside its place, with the values of a label that says nothing about it.
constexpr std::array<std::pair<const char*, const char*>, 9> pose_fields = {{{"state", "2"},
                                                                             {"occlusion", "-1"},
                                                                             {"occlusion_kf", "0"},
                                                                             {"truncation", "-1"},
                                                                             {"amt_occlusion", "-1"},
                                                                             {"amt_occlusion_kf", "-1"},
                                                                             {"amt_border_l", "-1"},
                                                                             {"amt_border_r", "-1"},
                                                                             {"amt_border_kf", "-1"}}};
constexpr std::pair<const char*, const char*> finished_field = {"finished", "1"};
constexpr int decimals = 9;

/// Whether a field has the value that is written where nothing is known: then it says nothing about the object.
bool says_nothing(std::string_view name, std::string_view value) {
  if (name == finished_field.first) return value == finished_field.second;
  const auto field = std::ranges::find(pose_fields, name, [](const auto& f) { return std::string_view(f.first); });
  return field != pose_fields.end() && value == field->second;
}

struct Source : LabelSource {
  pugi::xml_document document;
  std::string text;
  LabelRows rows;
  std::vector<FramePlace> frames;
  std::map<TimestampNs, std::size_t> frame_at;
  std::map<std::string, std::pair<std::size_t, Attributes>> tracklet_of;  ///< by track id: position, attributes
};

/// Thrown inside this file, reported as an Error with the file's name.
struct BadXml {
  std::string message;
};

double number(const pugi::xml_node& node, const char* name, const std::string& place) {
  const pugi::xml_node child = node.child(name);
  double value = 0;
  std::string_view text = child.text().get();
  const auto words = words_of(text);
  if (!child || words.size() != 1 || !parse_number(words[0], value))
    throw BadXml{fmt::format("{}: expected a number in <{}>, got \"{}\"", place, name, text)};
  return value;
}

std::int64_t whole(const pugi::xml_node& node, const char* name, const std::string& place) {
  const double value = number(node, name, place);
  if (value != std::floor(value) || std::abs(value) > 1e9)
    throw BadXml{fmt::format("{}: expected a whole number in <{}>, got {}", place, name, value)};
  return static_cast<std::int64_t>(value);
}

Attributes other_fields(const pugi::xml_node& node, std::initializer_list<std::string_view> known) {
  Attributes out;
  for (const pugi::xml_node& child : node.children()) {
    const std::string_view name = child.name();
    if (child.type() == pugi::node_element && std::ranges::find(known, name) == known.end() &&
        std::ranges::find(placement, name) == placement.end() && !says_nothing(name, child.text().get()))
      out[std::string(name)] = child.text().get();
  }
  return out;
}

void check_count(const pugi::xml_node& list, std::size_t items, const std::string& place) {
  if (const std::int64_t count = whole(list, "count", place); count != static_cast<std::int64_t>(items))
    throw BadXml{fmt::format("{}: expected {} items as <count> says, got {}", place, count, items)};
}

void read_tracklet(const pugi::xml_node& item, std::size_t position, Source& source) {
  const std::string place = fmt::format("tracklet {}", position);
  const Vec3d size{number(item, "l", place), number(item, "w", place), number(item, "h", place)};
  if (!(size.x > 0 && size.y > 0 && size.z > 0))
    throw BadXml{fmt::format("{}: expected h, w and l above 0, got {} {} {}", place, size.z, size.y, size.x)};
  const std::string class_name = item.child("objectType").text().get();
  if (class_name.empty()) throw BadXml{fmt::format("{}: expected a class in <objectType>", place)};
  const std::int64_t first = whole(item, "first_frame", place);
  const std::string id = std::to_string(position);
  source.tracklet_of[id] = {position, other_fields(item, {"objectType", "h", "w", "l", "first_frame", "poses"})};
  std::int64_t frame = first;
  std::size_t poses = 0;
  for (const pugi::xml_node& pose : item.child("poses").children("item")) {
    const std::string at = fmt::format("{}, pose {}", place, poses);
    constexpr std::int64_t most_frames = 100'000;
    const auto known = static_cast<std::int64_t>(source.frames.size());
    if (frame < 0 || frame >= (known > 0 ? known : most_frames))
      throw BadXml{
          fmt::format("{}: expected a frame from 0 to {}, got {}", at, (known > 0 ? known : most_frames) - 1, frame)};
    FramePlace there{frame * numbered_frame_period, {}};
    if (known > 0) there = source.frames[static_cast<std::size_t>(frame)];
    const Quat rotation = quat_from_euler(number(pose, "rz", at), number(pose, "ry", at), number(pose, "rx", at));
    const Vec3d bottom{number(pose, "tx", at), number(pose, "ty", at), number(pose, "tz", at)};
    const Cuboid in_velo{bottom + rotate(rotation, {0, 0, size.z / 2}), size, rotation};
    source.frame_at[there.timestamp] = static_cast<std::size_t>(frame);
    if (!source.rows.add(
            {there.timestamp, id, class_name, there.world_from_velo * in_velo, {}, other_fields(pose, {})}))
      throw BadXml{fmt::format("{}: expected frames with times of their own", at)};
    ++frame;
    ++poses;
  }
  check_count(item.child("poses"), poses, place + ", poses");
}

}  // namespace

Result<LabelSet> parse(std::string_view text, const fs::path& file, const std::vector<FramePlace>& frames) {
  auto source = std::make_shared<Source>();
  source->text = text;
  source->frames = frames;
  const auto parsed = source->document.load_buffer(text.data(), text.size());
  if (!parsed)
    return Error{fmt::format("byte {}: not valid XML ({}): {}", parsed.offset, parsed.description(), file.string())};
  const pugi::xml_node list = source->document.child("boost_serialization").child("tracklets");
  if (!list)
    return Error{fmt::format("expected <boost_serialization> with <tracklets>, got <{}>: {}",
                             source->document.document_element().name(), file.string())};
  LabelSet labels;
  try {
    std::size_t position = 0;
    for (const pugi::xml_node& item : list.children("item")) read_tracklet(item, position++, *source);
    check_count(list, position, "tracklets");
  } catch (const BadXml& bad) {
    return Error{fmt::format("{}: {}", bad.message, file.string())};
  }
  labels.tracks = source->rows.tracks();
  for (Track& track : labels.tracks) track.attributes = source->tracklet_of[track.id].second;
  for (std::size_t i = 0; i < frames.size(); ++i) source->frame_at[frames[i].timestamp] = i;
  labels.source = std::move(source);
  return labels;
}

namespace {

void set(pugi::xml_node node, const char* name, const std::string& value) {
  pugi::xml_node child = node.child(name);
  if (!child) child = node.append_child(name);
  child.text().set(value.c_str());
}

std::string number_text(double value) { return shortest(rounded(value, decimals)); }

class Writer {
 public:
  Writer(const Scene& scene, const LabelSet& labels, const Source* source, const fs::path& out)
      : labels_(labels),
        source_(source),
        out_(out),
        frame_at_(source != nullptr ? source->frame_at : frame_numbers(scene)) {}

  Result<void> write() {
    auto ordered =
        labels_in_order(labels_, frame_at_, source_ == nullptr ? nullptr : &source_->rows, "KITTI tracklets", out_);
    if (!ordered) return ordered.error();
    if (source_ != nullptr && ordered->size() == source_->rows.size() &&
        std::ranges::all_of(*ordered, &OutputLabel::is_unchanged) &&
        std::ranges::all_of(labels_.tracks, [&](const Track& t) { return has_old_attributes(t); }))
      return write_file(out_, source_->text);
    pugi::xml_document document;
    pugi::xml_node list = start(document);
    for (const Track& track : labels_.tracks) {
      if (auto added = add_track(list, track); !added) return added;
    }
    list.child("count").text().set(static_cast<unsigned>(labels_.tracks.size()));
    std::ostringstream text;
    document.save(text, "\t", pugi::format_default);
    return write_file(out_, text.str());
  }

 private:
  static pugi::xml_node start(pugi::xml_document& document) {
    pugi::xml_node declaration = document.append_child(pugi::node_declaration);
    declaration.append_attribute("version") = "1.0";
    declaration.append_attribute("encoding") = "UTF-8";
    declaration.append_attribute("standalone") = "yes";
    document.append_child(pugi::node_doctype).set_value("boost_serialization");
    pugi::xml_node root = document.append_child("boost_serialization");
    root.append_attribute("signature") = "serialization::archive";
    root.append_attribute("version") = "9";
    pugi::xml_node list = root.append_child("tracklets");
    for (const auto& [name, value] : {std::pair{"class_id", "0"}, {"tracking_level", "0"}, {"version", "0"}})
      list.append_attribute(name) = value;
    list.append_child("count").text().set(0);
    list.append_child("item_version").text().set(1);
    return list;
  }

  bool has_old_attributes(const Track& track) const {
    const auto known = source_->tracklet_of.find(track.id);
    return known != source_->tracklet_of.end() && known->second.second == track.attributes;
  }

  /// The item of the file that this track came from, or none.
  pugi::xml_node item_of(const Track& track) const {
    if (source_ == nullptr) return {};
    const auto known = source_->tracklet_of.find(track.id);
    if (known == source_->tracklet_of.end()) return {};
    pugi::xml_node item = source_->document.child("boost_serialization").child("tracklets").child("item");
    for (std::size_t i = 0; i < known->second.first; ++i) item = item.next_sibling("item");
    return item;
  }

  Result<void> add_track(pugi::xml_node list, const Track& track) {
    if (track.keyframes.empty()) return {};
    pugi::xml_node item = list.append_child("item");
    const pugi::xml_node old = item_of(track);
    for (const pugi::xml_attribute& a : old.attributes()) item.append_copy(a);
    const Vec3d size = track.keyframes.front().cuboid.size;
    set(item, "objectType", track.class_name);
    set(item, "h", shortest(size.z));
    set(item, "w", shortest(size.y));
    set(item, "l", shortest(size.x));
    const std::size_t first = frame_at_.at(track.keyframes.front().timestamp);
    set(item, "first_frame", std::to_string(first));
    pugi::xml_node poses = item.append_child("poses");
    for (const pugi::xml_attribute& a : old.child("poses").attributes()) poses.append_copy(a);
    set(poses, "count", std::to_string(track.keyframes.size()));
    set(poses, "item_version", "2");
    for (std::size_t i = 0; i < track.keyframes.size(); ++i) {
      const Keyframe& keyframe = track.keyframes[i];
      if (frame_at_.at(keyframe.timestamp) != first + i)
        return Error{
            fmt::format("a tracklet has a pose in every frame from its first on: track {} has none in frame {}: {}",
                        track.id, first + i, out_.string())};
      if (keyframe.cuboid.size != size)
        return Error{fmt::format("a tracklet has one size: track {} changes it in frame {}: {}", track.id, first + i,
                                 out_.string())};
      add_pose(poses, old, track, keyframe);
    }
    Attributes attributes = track.attributes;
    attributes.try_emplace(finished_field.first, finished_field.second);
    for (const auto& [name, value] : attributes) set(item, name.c_str(), value);
    return {};
  }

  void add_pose(pugi::xml_node poses, const pugi::xml_node& old, const Track& track, const Keyframe& keyframe) const {
    // A pose of the file that still says the same is copied with every digit.
    if (source_ != nullptr && old && source_->rows.is_unchanged(track, keyframe)) {
      const std::size_t in_track = source_->frame_at.at(keyframe.timestamp) -
                                   static_cast<std::size_t>(old.child("first_frame").text().as_ullong());
      pugi::xml_node pose = old.child("poses").child("item");
      for (std::size_t i = 0; i < in_track; ++i) pose = pose.next_sibling("item");
      poses.append_copy(pose);
      return;
    }
    Pose velo_from_world;
    if (source_ != nullptr && !source_->frames.empty())
      velo_from_world = inverse(source_->frames[source_->frame_at.at(keyframe.timestamp)].world_from_velo);
    const Cuboid in_velo = velo_from_world * keyframe.cuboid;
    const Vec3d bottom = in_velo.center - rotate(in_velo.rotation, {0, 0, in_velo.size.z / 2});
    pugi::xml_node pose = poses.append_child("item");
    set(pose, "tx", number_text(bottom.x));
    set(pose, "ty", number_text(bottom.y));
    set(pose, "tz", number_text(bottom.z));
    set(pose, "rx", "0");
    set(pose, "ry", "0");
    set(pose, "rz", number_text(yaw_of(in_velo.rotation)));
    for (const auto& [name, otherwise] : pose_fields) {
      const auto value = keyframe.attributes.find(name);
      set(pose, name, value == keyframe.attributes.end() ? otherwise : value->second);
    }
  }

  const LabelSet& labels_;
  const Source* source_;
  const fs::path& out_;
  std::map<TimestampNs, std::size_t> frame_at_;
};

}  // namespace

Result<void> write(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  return Writer(scene, labels, dynamic_cast<const Source*>(labels.source.get()), out).write();
}

}  // namespace sweepmark::kitti_tracklets
