// SPDX-License-Identifier: Apache-2.0
//
// Source: the raw dataset's development kit, tracklets.h and readme.txt; for Datumaro's files its plugin kitti_raw, the
// exporter and the reader as CVAT uses them.
#include "data/formats/kitti_tracklets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <pugixml.hpp>
#include <sstream>

#include "data/atomic_file.h"
#include "data/formats/bad_rows.h"
#include "data/formats/label_elements.h"
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

/// Who wrote the file: see the header.
enum class Convention : std::uint8_t { kitti, datumaro };
constexpr const char* attribute_list = "attributes";  ///< Datumaro's

struct Source : LabelSource {
  pugi::xml_document document;
  std::string text;
  Convention convention = Convention::kitti;
  LabelRows rows;
  std::map<std::string, std::size_t> rows_of_track;
  std::vector<FramePlace> frames;
  Pose world_from_velo;  ///< where there are no `frames`
  std::map<TimestampNs, std::size_t> frame_at;
  std::map<std::string, std::pair<std::size_t, Attributes>> tracklet_of;  ///< by track id: position, attributes
  std::set<std::pair<std::string, std::size_t>> bad_poses;  ///< track and frame of those that are no labels
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
  if (words.size() == 1 && is_no_finite_number(words[0])) expect_no_fault(not_finite_fault(words[0]), place);
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
    if (name == attribute_list) {
      for (const pugi::xml_node& attribute : child.children("attribute"))
        out[attribute.child("name").text().get()] = attribute.child("value").text().get();
      continue;
    }
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

/// Datumaro writes 0 as the version of a pose, the development kit 1 or 2.
Convention convention_of(const pugi::xml_node& list) {
  const auto items = list.children("item");
  const auto is_of_datumaro = [](const pugi::xml_node& item) {
    return item.child("poses").child("item_version").text().get() == std::string_view("0");
  };
  return items.begin() != items.end() && std::all_of(items.begin(), items.end(), is_of_datumaro) ? Convention::datumaro
                                                                                                 : Convention::kitti;
}

Vec3d size_of(const pugi::xml_node& item, Convention convention, const std::string& place) {
  const double h = number(item, "h", place), w = number(item, "w", place), l = number(item, "l", place);
  const Vec3d size = convention == Convention::kitti ? Vec3d{l, w, h} : Vec3d{w, h, l};
  expect_no_fault(size_fault(size), place);
  return size;
}

Cuboid cuboid_of(const pugi::xml_node& pose, const Vec3d& size, Convention convention, const std::string& at) {
  const Vec3d angles{number(pose, "rx", at), number(pose, "ry", at), number(pose, "rz", at)};
  const Vec3d place{number(pose, "tx", at), number(pose, "ty", at), number(pose, "tz", at)};
  if (convention == Convention::datumaro) return {place, size, quat_from_xyz(angles)};
  const Quat rotation = quat_from_euler(angles.z, angles.y, angles.x);
  return {place + rotate(rotation, {0, 0, size.z / 2}), size, rotation};
}

constexpr const char* out_of_image = "2";

/// Datumaro fills the frames where an object is not with poses that are out of the image, or behind it.
bool is_absent(const pugi::xml_node& pose, Convention convention) {
  const std::string_view truncation = pose.child("truncation").text().get();
  return convention == Convention::datumaro && (truncation == out_of_image || truncation == "99");
}

/// \param bad  file of the rows that are wrong by themselves
void read_tracklet(const pugi::xml_node& item, std::size_t position, Source& source, const BadRow& bad,
                   std::vector<BadRow>& bad_rows) {
  const std::string place = fmt::format("tracklet {}", position);
  const std::string class_name = item.child("objectType").text().get();
  if (class_name.empty()) throw BadXml{fmt::format("{}: expected a class in <objectType>", place)};
  const std::int64_t first = whole(item, "first_frame", place);
  const std::string id = std::to_string(position);
  source.tracklet_of[id] = {position, other_fields(item, {"objectType", "h", "w", "l", "first_frame", "poses"})};
  BadRow row = bad;
  row.place = place;
  row.object = id;
  if (first >= 0 && first < static_cast<std::int64_t>(source.frames.size()))
    row.timestamp = source.frames[static_cast<std::size_t>(first)].timestamp;
  // Without its size a tracklet has no label. It goes back as it is, as those that say nothing of any frame do.
  Vec3d size;
  if (!collect(bad_rows, row, [&](BadRow&) { size = size_of(item, source.convention, place); })) return;
  std::int64_t frame = first;
  std::size_t poses = 0;
  for (const pugi::xml_node& pose : item.child("poses").children("item")) {
    const std::string at = fmt::format("{}, pose {}", place, poses);
    constexpr std::int64_t most_frames = 100'000;
    const auto known = static_cast<std::int64_t>(source.frames.size());
    if (frame < 0 || frame >= (known > 0 ? known : most_frames))
      throw BadXml{
          fmt::format("{}: expected a frame from 0 to {}, got {}", at, (known > 0 ? known : most_frames) - 1, frame)};
    FramePlace there{frame * numbered_frame_period, source.world_from_velo};
    if (known > 0) there = source.frames[static_cast<std::size_t>(frame)];
    source.frame_at[there.timestamp] = static_cast<std::size_t>(frame);
    ++frame;
    ++poses;
    if (is_absent(pose, source.convention)) continue;
    Cuboid in_velo;
    row.timestamp = there.timestamp;
    const bool is_right = collect(bad_rows, row, [&](BadRow&) {
      in_velo = cuboid_of(pose, size, source.convention, at);
      expect_no_fault(cuboid_fault(in_velo), at);
    });
    if (!is_right) {
      source.bad_poses.emplace(id, static_cast<std::size_t>(frame - 1));
      continue;
    }
    ++source.rows_of_track[id];
    if (!source.rows.add(
            {there.timestamp, id, class_name, there.world_from_velo * in_velo, {}, other_fields(pose, {})}))
      throw BadXml{fmt::format("{}: expected frames with times of their own", at)};
  }
  check_count(item.child("poses"), poses, place + ", poses");
}

}  // namespace

Result<Tracklets> parse(std::string_view text, const fs::path& file, const std::vector<FramePlace>& frames,
                        const Pose& world_from_velo) {
  auto source = std::make_shared<Source>();
  source->text = text;
  source->frames = frames;
  source->world_from_velo = world_from_velo;
  const auto parsed = source->document.load_buffer(text.data(), text.size());
  if (!parsed)
    return Error{fmt::format("byte {}: not valid XML ({}): {}", parsed.offset, parsed.description(), file.string())};
  const pugi::xml_node list = source->document.child("boost_serialization").child("tracklets");
  if (!list)
    return Error{fmt::format("expected <boost_serialization> with <tracklets>, got <{}>: {}",
                             source->document.document_element().name(), file.string())};
  Tracklets out;
  source->convention = convention_of(list);
  if (source->convention == Convention::datumaro)
    out.notes.emplace_back(
        "tracklets as Datumaro and CVAT write them: w, h, l are sizes along x, y, z, and a place is the centre");
  try {
    std::size_t position = 0;
    for (const pugi::xml_node& item : list.children("item")) {
      read_tracklet(item, position++, *source, bad_row_at(file, {}), out.labels.bad_rows);
    }
    check_count(list, position, "tracklets");
  } catch (const BadXml& bad) {
    return Error{fmt::format("{}: {}", bad.message, file.string())};
  } catch (const RowFault& fault) {  // in a number of the tracklet itself
    return Error{fmt::format("{}: {}: {}", fault.where, fault_text(fault), file.string())};
  }
  out.labels.tracks = source->rows.tracks();
  for (Track& track : out.labels.tracks) track.attributes = source->tracklet_of[track.id].second;
  for (std::size_t i = 0; i < frames.size(); ++i) source->frame_at[frames[i].timestamp] = i;
  out.labels.source = std::move(source);
  return out;
}

namespace {

void set(pugi::xml_node node, const char* name, const std::string& value) {
  pugi::xml_node child = node.child(name);
  if (!child) child = node.append_child(name);
  child.text().set(value.c_str());
}

/// Datumaro's list of named values.
void put_attribute(pugi::xml_node node, const std::string& name, const std::string& value) {
  pugi::xml_node list = node.child(attribute_list);
  if (!list) list = node.append_child(attribute_list);
  pugi::xml_node attribute = list.append_child("attribute");
  set(attribute, "name", name);
  set(attribute, "value", value);
}

/// Frames without times are where their numbers say.
std::map<TimestampNs, std::size_t> frames_of(const Scene& scene, const Source* source) {
  if (source == nullptr) return frame_numbers(scene);
  std::map<TimestampNs, std::size_t> frames = source->frame_at;
  if (!source->frames.empty()) return frames;
  for (const Frame& frame : scene.frames) {
    if (frame.timestamp >= 0 && frame.timestamp % numbered_frame_period == 0)
      frames.emplace(frame.timestamp, static_cast<std::size_t>(frame.timestamp / numbered_frame_period));
  }
  return frames;
}

std::string number_text(double value) { return shortest(rounded(value, decimals)); }

class Writer {
 public:
  Writer(const Scene& scene, const LabelSet& labels, const Source* source, const fs::path& out)
      : labels_(labels),
        source_(source),
        convention_(source != nullptr ? source->convention : Convention::kitti),
        out_(out),
        frame_at_(frames_of(scene, source)) {}

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
      if (is_as_read(track))
        list.append_copy(item_of(track.id));
      else if (auto added = add_track(list, track); !added)
        return added;
    }
    // Those that say nothing of any frame are no tracks of ours.
    if (source_ != nullptr) {
      for (const auto& [id, tracklet] : source_->tracklet_of) {
        if (!source_->rows_of_track.contains(id)) list.append_copy(item_of(id));
      }
    }
    const auto items = list.children("item");
    list.child("count").text().set(static_cast<unsigned>(std::distance(items.begin(), items.end())));
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

  bool is_as_read(const Track& track) const {
    if (source_ == nullptr || !has_old_attributes(track)) return false;
    const auto rows = source_->rows_of_track.find(track.id);
    return rows != source_->rows_of_track.end() && rows->second == track.keyframes.size() &&
           std::ranges::all_of(track.keyframes,
                               [&](const Keyframe& keyframe) { return source_->rows.is_unchanged(track, keyframe); });
  }

  /// The item of the file that this track came from, or none.
  pugi::xml_node item_of(const std::string& track) const {
    if (source_ == nullptr) return {};
    const auto known = source_->tracklet_of.find(track);
    if (known == source_->tracklet_of.end()) return {};
    pugi::xml_node item = source_->document.child("boost_serialization").child("tracklets").child("item");
    for (std::size_t i = 0; i < known->second.first; ++i) item = item.next_sibling("item");
    return item;
  }

  bool is_bad_pose(const std::string& track, std::size_t frame) const {
    return source_ != nullptr && source_->bad_poses.contains({track, frame});
  }

  /// The pose that the file has for a frame, or none.
  static pugi::xml_node pose_of(const pugi::xml_node& old, std::size_t frame) {
    const std::size_t first = old.child("first_frame").text().as_ullong();
    if (frame < first) return {};
    pugi::xml_node pose = old.child("poses").child("item");
    for (std::size_t i = first; i < frame && pose; ++i) pose = pose.next_sibling("item");
    return pose;
  }

  Result<void> add_track(pugi::xml_node list, const Track& track) {
    if (track.keyframes.empty()) return {};
    pugi::xml_node item = list.append_child("item");
    const pugi::xml_node old = item_of(track.id);
    for (const pugi::xml_attribute& a : old.attributes()) item.append_copy(a);
    const Vec3d size = track.keyframes.front().cuboid.size;
    const bool is_kitti = convention_ == Convention::kitti;
    set(item, "objectType", track.class_name);
    set(item, "h", shortest(is_kitti ? size.z : size.y));
    set(item, "w", shortest(is_kitti ? size.y : size.x));
    set(item, "l", shortest(is_kitti ? size.x : size.z));
    std::size_t first = frame_at_.at(track.keyframes.front().timestamp);
    while (first > 0 && is_bad_pose(track.id, first - 1)) --first;
    set(item, "first_frame", std::to_string(first));
    pugi::xml_node poses = item.append_child("poses");
    for (const pugi::xml_attribute& a : old.child("poses").attributes()) poses.append_copy(a);
    set(poses, "count", "0");
    set(poses, "item_version", is_kitti ? "2" : "0");
    std::size_t next = first;
    for (const Keyframe& keyframe : track.keyframes) {
      const std::size_t frame = frame_at_.at(keyframe.timestamp);
      for (; next < frame; ++next) {
        if (is_bad_pose(track.id, next)) {
          poses.append_copy(pose_of(old, next));
          continue;
        }
        if (is_kitti)
          return Error{
              fmt::format("a tracklet has a pose in every frame from its first on: track {} has none in frame {}: {}",
                          track.id, next, out_.string())};
        add_absence(poses, pose_of(old, next));
      }
      if (keyframe.cuboid.size != size)
        return Error{fmt::format("a tracklet has one size: track {} changes it in frame {}: {}", track.id, frame,
                                 out_.string())};
      add_pose(poses, old, track, keyframe);
      ++next;
    }
    for (; is_bad_pose(track.id, next); ++next) poses.append_copy(pose_of(old, next));
    set(poses, "count", std::to_string(next - first));
    Attributes attributes = track.attributes;
    attributes.try_emplace(finished_field.first, finished_field.second);
    for (const auto& [name, value] : attributes) {
      if (is_kitti || name == finished_field.first)
        set(item, name.c_str(), value);
      else
        put_attribute(item, name, value);
    }
    return {};
  }

  /// A frame where the object is not: as the file says it, else the pose before it, out of the image.
  static void add_absence(pugi::xml_node poses, const pugi::xml_node& in_file) {
    if (is_absent(in_file, Convention::datumaro)) {
      poses.append_copy(in_file);
      return;
    }
    pugi::xml_node pose = poses.append_copy(poses.last_child());
    for (const char* name : {"class_id", "tracking_level", "version"}) pose.remove_attribute(name);
    set(pose, "occlusion", "-1");
    set(pose, "truncation", out_of_image);
  }

  void add_pose(pugi::xml_node poses, const pugi::xml_node& old, const Track& track, const Keyframe& keyframe) const {
    // A pose of the file that still says the same is copied with every digit.
    if (source_ != nullptr && old && source_->rows.is_unchanged(track, keyframe)) {
      poses.append_copy(pose_of(old, source_->frame_at.at(keyframe.timestamp)));
      return;
    }
    Pose world_from_velo;
    if (source_ != nullptr)
      world_from_velo = source_->frames.empty()
                            ? source_->world_from_velo
                            : source_->frames[source_->frame_at.at(keyframe.timestamp)].world_from_velo;
    const Cuboid in_velo = world_from_velo == Pose{} ? keyframe.cuboid : inverse(world_from_velo) * keyframe.cuboid;
    const bool is_kitti = convention_ == Convention::kitti;
    const Vec3d place =
        is_kitti ? in_velo.center - rotate(in_velo.rotation, {0, 0, in_velo.size.z / 2}) : in_velo.center;
    const Vec3d angles = is_kitti ? Vec3d{0, 0, yaw_of(in_velo.rotation)} : xyz_from_quat(in_velo.rotation);
    pugi::xml_node pose = poses.append_child("item");
    for (const auto& [name, value] : {std::pair{"tx", place.x},
                                      {"ty", place.y},
                                      {"tz", place.z},
                                      {"rx", angles.x},
                                      {"ry", angles.y},
                                      {"rz", angles.z}})
      set(pose, name, number_text(value));
    Attributes others = keyframe.attributes;
    for (const auto& [name, otherwise] : pose_fields) {
      const auto value = others.extract(name);
      set(pose, name, value.empty() ? otherwise : value.mapped());
    }
    if (is_kitti) return;
    for (const auto& [name, value] : others) put_attribute(pose, name, value);
  }

  const LabelSet& labels_;
  const Source* source_;
  const Convention convention_;
  const fs::path& out_;
  std::map<TimestampNs, std::size_t> frame_at_;
};

}  // namespace

Result<void> write(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  return Writer(scene, labels, dynamic_cast<const Source*>(labels.source.get()), out).write();
}

}  // namespace sweepmark::kitti_tracklets
