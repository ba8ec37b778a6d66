// SPDX-License-Identifier: Apache-2.0
#include "data/formats/openlabel_objects.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

#include "data/formats/openlabel_attributes.h"

namespace sweepmark::openlabel {
namespace {

/// A number or a UUID, as the schema wants it.
bool is_uid(const std::string& text) {
  const std::string_view digits = text.starts_with('-') ? std::string_view(text).substr(1) : std::string_view(text);
  if (!digits.empty() && digits.size() < 18 && digits.find_first_not_of("0123456789") == std::string_view::npos)
    return true;
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

}  // namespace

Objects::Objects(const LabelSet& labels, const Source* source, Json& objects) : source_(source), objects_(objects) {
  if (objects_.is_null()) objects_ = Json::object();
  const auto index = [&] {
    for (auto& [uid, object] : objects_.items()) object_of_uid_[uid] = &object;
  };
  index();
  if (source_ != nullptr) {
    for (const auto& [uid, object] : source_->objects) uids_of_id_[object.track].push_back(uid);
  }
  struct Named {
    TrackKey key;
    const std::string* class_name;
    const Attributes* attributes;
  };
  std::vector<Named> tracks;
  for (const Track& track : labels.tracks) tracks.push_back({{"", track.id}, &track.class_name, &track.attributes});
  for (const ImageTrack& track : labels.image_tracks)
    tracks.push_back({{track.camera, track.id}, &track.class_name, &track.attributes});
  for (const Named& track : tracks) ids_.insert(track.key.id);
  count_boxes(labels);
  // Those that the file knows keep their objects: the object itself, then its parts. New ones come where they fit.
  const auto turn_of = [&](const TrackKey& key) {
    if (source_ == nullptr) return 2;
    const auto known = source_->object_of_track.find(key);
    if (known == source_->object_of_track.end()) return 2;
    return source_->objects.at(known->second).track == key.id ? 0 : 1;
  };
  for (const int turn : {0, 1, 2}) {
    for (const auto& [key, class_name, attributes] : tracks) {
      if (turn_of(key) == turn) name(key, *class_name, *attributes);
    }
  }
  // Behind the others, without looking for each: a file may have a hundred thousand.
  auto& list = objects_.get_ref<Json::object_t&>();
  for (const std::string& uid : order_) list.emplace_back(uid, Json::object());
  if (!order_.empty()) index();
  for (const auto& [uid, plan] : plans_) put(uid, plan);
}

Json* Objects::find(const std::string& uid) const {
  const auto found = object_of_uid_.find(uid);
  return found == object_of_uid_.end() ? nullptr : found->second;
}

void Objects::count_boxes(const LabelSet& labels) {
  if (source_ == nullptr) return;
  const auto add = [&](const TrackKey& key, TimestampNs time) {
    Boxes& boxes = boxes_[key];
    ++boxes.in_file;
    boxes.first = std::min(boxes.first, time);
  };
  for (std::size_t i = 0; i < source_->rows.size(); ++i) add({"", source_->rows[i].track}, source_->rows[i].timestamp);
  for (const Source::ImageRow& row : source_->image_rows) {
    if (!row.elements.box_kind.empty()) add(row.track, row.timestamp);
  }
  const auto keep = [&](const TrackKey& key, TimestampNs time, bool is_as_read) {
    Boxes& boxes = boxes_[key];
    boxes.kept += is_as_read ? 1 : 0;
    boxes.first_now = std::min(boxes.first_now, time);
  };
  for (const Track& track : labels.tracks) {
    for (const Keyframe& k : track.keyframes) {
      const bool is_as_read = source_->rows.has(k) && source_->rows[k.source_row].track == track.id &&
                              source_->rows[k.source_row].timestamp == k.timestamp;
      keep({"", track.id}, k.timestamp, is_as_read);
    }
  }
  for (const ImageTrack& track : labels.image_tracks) {
    const TrackKey key{track.camera, track.id};
    for (const ImageKeyframe& k : track.keyframes) {
      boxes_[key].has_polygon = boxes_[key].has_polygon || k.value.polygon;
      if (!k.value.box) continue;
      const auto* row = k.source_row < source_->image_rows.size() ? &source_->image_rows[k.source_row] : nullptr;
      const bool is_as_read =
          row != nullptr && row->track == key && row->timestamp == k.timestamp &&
          (row->elements.box_kind == "rbbox" || (row->elements.box_kind == "bbox" && k.value.box->rotation == 0));
      keep(key, k.timestamp, is_as_read);
    }
  }
}

/// The first name among an object's boxes is that of the object itself. So a part of it stays with it only while that
/// name stays the first. A polygon is always the object's own.
bool Objects::may_stay(const TrackKey& track, const std::string& uid) const {
  const TrackKey itself{track.camera, source_->objects.at(uid).track};
  if (itself == track) return true;
  const auto named = uid_of_track_.find(itself);
  const auto own = boxes_.find(itself), part = boxes_.find(track);
  return named != uid_of_track_.end() && named->second == uid && own != boxes_.end() &&
         own->second.kept == own->second.in_file && own->second.in_file > 0 &&
         (part == boxes_.end() || (part->second.first_now >= own->second.first && !part->second.has_polygon));
}

void Objects::name(const TrackKey& track, const std::string& class_name, const Attributes& attributes) {
  if (source_ != nullptr) {
    const auto known = source_->object_of_track.find(track);
    if (known != source_->object_of_track.end() && may_stay(track, known->second) &&
        take(known->second, track.id, class_name, attributes)) {
      uid_of_track_[track] = known->second;
      return;
    }
  }
  std::vector<std::string>& candidates = uids_of_id_[track.id];
  const auto fitting = std::ranges::find_if(
      candidates, [&](const std::string& uid) { return take(uid, track.id, class_name, attributes); });
  if (fitting != candidates.end()) {
    uid_of_track_[track] = *fitting;
    return;
  }
  const std::string uid = new_uid(track.id);
  order_.push_back(uid);
  candidates.push_back(uid);
  plans_[uid] = {.id = track.id, .class_name = class_name, .attributes = attributes, .is_new = true};
  uid_of_track_[track] = uid;
}

bool Objects::take(const std::string& uid, const std::string& id, const std::string& class_name,
                   const Attributes& attributes) {
  const auto known = plans_.find(uid);
  const std::string& own_id = known != plans_.end() ? known->second.id : source_->objects.at(uid).track;
  // "7:box" is the second cuboid of object 7: what the object has is not its own.
  const bool is_itself = id == own_id;
  if (!is_itself && !attributes.empty()) return false;
  if (known == plans_.end()) {
    plans_[uid] = {.id = own_id, .class_name = class_name};
    if (is_itself) plans_[uid].attributes = attributes;
    return true;
  }
  Plan& plan = known->second;
  if (plan.class_name != class_name || (is_itself && plan.attributes && *plan.attributes != attributes)) return false;
  if (is_itself) plan.attributes = attributes;
  return true;
}

std::string Objects::new_uid(const std::string& id) {
  const auto is_taken = [&](const std::string& uid) { return object_of_uid_.contains(uid) || plans_.contains(uid); };
  if (is_uid(id) && !is_taken(id)) return id;
  while (true) {
    std::string candidate = std::to_string(next_++);
    if (!is_taken(candidate) && !ids_.contains(candidate)) return candidate;
  }
}

void Objects::put(const std::string& uid, const Plan& plan) {
  Json& object = *object_of_uid_.at(uid);
  const Source::Object before = plan.is_new ? Source::Object() : source_->objects.at(uid);
  if (plan.is_new) object["name"] = plan.id.empty() ? "object" : plan.id;
  if (plan.is_new || before.type != plan.class_name) {
    object["type"] = plan.class_name;
    is_changed_ = true;
  }
  if (!plan.is_new && (!plan.attributes || *plan.attributes == before.attributes)) return;
  is_changed_ = true;
  Attributes attributes = *plan.attributes;
  if (uid != plan.id) attributes[id_name] = plan.id;
  Json data = object.contains("object_data") ? object["object_data"] : Json::object();
  put_attributes({&data}, attributes);
  if (data.empty())
    object.erase("object_data");
  else
    object["object_data"] = std::move(data);
}

}  // namespace sweepmark::openlabel
