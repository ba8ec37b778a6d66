// SPDX-License-Identifier: Apache-2.0
//
// Writing OpenLABEL: only what has changed since the file was read is made anew.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/openlabel.h"
#include "data/formats/openlabel_attributes.h"
#include "data/formats/openlabel_objects.h"
#include "data/formats/openlabel_root.h"
#include "data/formats/openlabel_source.h"
#include "data/formats/text.h"
#include "kernels/math/rigid.h"

namespace sweepmark::openlabel {
namespace fs = std::filesystem;
namespace {

Json cuboid_value(const Cuboid& c) {
  return {c.center.x,   c.center.y,   c.center.z, c.rotation.x, c.rotation.y,
          c.rotation.z, c.rotation.w, c.size.x,   c.size.y,     c.size.z};
}

/// The runs of ascending frame numbers.
Json intervals_of(const std::set<std::int64_t>& numbers) {
  Json out = Json::array();
  for (auto it = numbers.begin(); it != numbers.end();) {
    const std::int64_t first = *it;
    std::int64_t last = first;
    while (++it != numbers.end() && *it == last + 1) last = *it;
    out.push_back({{"frame_start", first}, {"frame_end", last}});
  }
  return out;
}

std::size_t labels_in(const Json& data) {
  std::size_t count = 0;
  for (const char* kind : label_kinds) {
    if (const Json* elements = json::optional_member(data, kind))
      count += static_cast<std::size_t>(std::ranges::count_if(*elements, [](const Json& e) { return !e.is_null(); }));
  }
  return count;
}

/// Makes one label's elements say what `wanted` says, and leaves what other labels in `data` say.
/// \param elements     the label's \param is_of_frame  else the values in `data` itself are the object's, not the
/// labels'
void put_own_attributes(Json& data, const std::vector<Json*>& elements, const Attributes& wanted, bool is_of_frame) {
  Attributes now;
  if (is_of_frame) read_attributes(data, "", now);
  for (const Json* element : elements) {
    if (const Json* own = json::optional_member(*element, "attributes")) read_attributes(*own, "", now);
  }
  if (now == wanted || elements.empty()) return;
  std::vector<Json*> holders;
  if (is_of_frame && labels_in(data) > elements.size()) share_out(data);
  for (Json* element : elements) {
    if (element != elements.front() && !element->contains("attributes")) continue;
    Json& own = (*element)["attributes"];
    if (own.is_null()) own = Json::object();
    holders.push_back(&own);
  }
  if (is_of_frame) holders.push_back(&data);
  put_attributes(holders, wanted);
  for (Json* element : elements) {
    if (element->contains("attributes") && (*element)["attributes"].empty()) element->erase("attributes");
  }
}

class Writer {
 public:
  Writer(const Scene& scene, const LabelSet& labels, const Source* source, const fs::path& out)
      : labels_(labels),
        source_(source),
        out_(out),
        root_(source != nullptr ? source->root : new_root(scene, labels, folder_of(out))),
        cameras_(root_["openlabel"]) {
    for (std::size_t i = 0; source == nullptr && i < scene.frames.size(); ++i)
      frame_key_[scene.frames[i].timestamp] = std::to_string(i);
    if (source != nullptr) frame_key_ = source->frame_key;
    std::size_t i = 0;
    for (const auto& [time, key] : frame_key_) {
      frame_at_[time] = i++;
      keys_.push_back(key);
    }
  }

  Result<void> write() {
    auto ordered =
        labels_in_order(labels_, frame_at_, source_ == nullptr ? nullptr : &source_->rows, "OpenLABEL", out_);
    if (!ordered) return ordered.error();
    Objects objects(labels_, source_, root_["openlabel"]["objects"]);
    objects_ = &objects;
    auto image_labels = image_labels_in_order();
    if (!image_labels) return image_labels.error();
    for (OutputLabel& label : *ordered) {
      if (label.row && source_->places[*label.row].object != objects.uid_of({"", label.track->id}))
        label = {label.track, label.keyframe, label.frame};
    }
    const auto is_as_read = [](const auto& written, const auto& read, auto is_unchanged) {
      return written.size() == read.size() && std::ranges::all_of(written, is_unchanged);
    };
    if (source_ != nullptr && !objects.is_changed() &&
        is_as_read(*ordered, source_->places, &OutputLabel::is_unchanged) &&
        is_as_read(*image_labels, source_->image_rows, &ImageLabelToWrite::is_unchanged))
      return write_file(out_, source_->text);
    if (root_["openlabel"].contains("frames")) {
      for (auto& [key, frame] : root_["openlabel"]["frames"].items()) frame_of_key_[key] = &frame;
    }
    remove_missing(*ordered, *image_labels);
    for (const OutputLabel& label : *ordered) put(label);
    for (const ImageLabelToWrite& label : *image_labels) put(label);
    put_intervals();
    return write_file(out_, root_.dump(1) + "\n");
  }

 private:
  struct ImageLabelToWrite {
    const ImageTrack* track = nullptr;
    const ImageKeyframe* keyframe = nullptr;
    std::string uid, frame;
    const Source::ImageRow* row = nullptr;  ///< whose elements it keeps
    bool is_unchanged = false;
  };

  static fs::path folder_of(const fs::path& out) {
    std::error_code failure;
    return fs::absolute(out, failure).parent_path();
  }

  Result<std::vector<ImageLabelToWrite>> image_labels_in_order() const {
    std::vector<ImageLabelToWrite> out;
    for (const ImageTrack& track : labels_.image_tracks) {
      const TrackKey key{track.camera, track.id};
      for (const ImageKeyframe& keyframe : track.keyframes) {
        const auto problem = [&](std::string_view what) {
          return Error{fmt::format("OpenLABEL holds {}: track {} in camera {} at {} ns: {}", what, track.id,
                                   track.camera, keyframe.timestamp, out_.string())};
        };
        const auto frame = frame_key_.find(keyframe.timestamp);
        if (frame == frame_key_.end()) return problem("labels at frames only");
        if (keyframe.value.mask) return problem("no masks");
        if (keyframe.value.skeleton) return problem("no skeletons");
        ImageLabelToWrite label{
            .track = &track, .keyframe = &keyframe, .uid = objects_->uid_of(key), .frame = frame->second};
        if (source_ != nullptr && keyframe.source_row < source_->image_rows.size()) {
          const Source::ImageRow& row = source_->image_rows[keyframe.source_row];
          if (row.track == key && row.timestamp == keyframe.timestamp && row.object == label.uid) {
            label.row = &row;
            label.is_unchanged = row.value == keyframe.value && row.attributes == keyframe.attributes;
          }
        }
        out.push_back(std::move(label));
      }
    }
    return out;
  }

  /// The data of an object in a frame, or its own where there is no frame. It will be tidied up.
  Json& data_of(const std::string& frame, const std::string& uid) {
    touched_.insert({frame, uid});
    return frame.empty() ? (*objects_->find(uid))["object_data"]
                         : (*frame_of_key_.at(frame))["objects"][uid]["object_data"];
  }

  /// Elements of the file whose keyframes are gone become null, so that places hold until all is put.
  void remove_missing(const std::vector<OutputLabel>& ordered, const std::vector<ImageLabelToWrite>& image_labels) {
    if (source_ == nullptr) return;
    kept_.assign(source_->rows.size(), false);
    for (const OutputLabel& label : ordered) {
      if (label.row && source_->rows[*label.row].track == label.track->id) kept_[*label.row] = true;
    }
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      const Source::Place& place = source_->places[i];
      if (!kept_[i]) data_of(place.frame, place.object)["cuboid"][place.cuboid] = nullptr;
    }
    std::set<const Source::ImageRow*> kept_rows;
    for (const ImageLabelToWrite& label : image_labels) kept_rows.insert(label.row);
    for (const Source::ImageRow& row : source_->image_rows) {
      if (kept_rows.contains(&row)) continue;
      Json& data = data_of(row.frame, row.object);
      if (!row.elements.box_kind.empty()) data[row.elements.box_kind][row.elements.box] = nullptr;
      for (const std::size_t contour : row.elements.contours) data["poly2d"][contour] = nullptr;
    }
  }

  void put(const OutputLabel& label) {
    if (label.is_unchanged) return;
    const Keyframe& keyframe = *label.keyframe;
    const TrackKey key{"", label.track->id};
    const bool in_place = label.row && kept_[*label.row];
    const std::string& uid = objects_->uid_of(key);
    const std::string& frame = in_place ? source_->places[*label.row].frame : keys_[label.frame];
    const bool is_of_frame = !frame.empty();
    Json& data = data_of(frame, uid);
    Attributes attributes = keyframe.attributes;
    if (keyframe.stored_count) attributes[count_name] = std::to_string(*keyframe.stored_count);
    std::size_t at = 0;
    if (in_place) {
      const Source::Place& place = source_->places[*label.row];
      at = place.cuboid;
      if (source_->rows[*label.row].in_world != keyframe.cuboid)
        data["cuboid"][at]["val"] =
            cuboid_value(laid_back(inverse(place.world_from_system) * keyframe.cuboid, place.turn));
    } else {
      if (is_of_frame) share_out(data);
      Json cuboid = {{"name", name_of(key, "cuboid")}, {"val", cuboid_value(keyframe.cuboid)}};
      if (source_ == nullptr) cuboid["coordinate_system"] = "world";
      data["cuboid"].push_back(std::move(cuboid));
      at = data["cuboid"].size() - 1;
    }
    put_own_attributes(data, {&data["cuboid"][at]}, attributes, is_of_frame);
  }

  void put(const ImageLabelToWrite& label) {
    if (label.is_unchanged) return;
    const std::string& camera = label.track->camera;
    const std::string& frame = label.row != nullptr ? label.row->frame : label.frame;
    const bool is_of_frame = !frame.empty();
    Json& data = data_of(frame, label.uid);
    ImageElements elements = label.row != nullptr ? label.row->elements : ImageElements();
    if (label.row == nullptr && is_of_frame) share_out(data);
    const auto others = [&] {
      const Json* contours = json::optional_member(data, "poly2d");
      return contours == nullptr ? 0U : static_cast<std::size_t>(std::ranges::count_if(*contours, [&](const Json& c) {
        return !c.is_null() && cameras_.of(c, label.uid, "") == camera;
      }));
    };
    put_image_value(data, label.keyframe->value, label.row != nullptr ? label.row->value : ImageValue(), elements,
                    name_of({camera, label.track->id}, "box_" + camera), "polygon_" + camera, others);
    std::vector<Json*> own;
    if (!elements.box_kind.empty()) own.push_back(&data[elements.box_kind][elements.box]);
    for (const std::size_t contour : elements.contours) own.push_back(&data["poly2d"][contour]);
    put_own_attributes(data, own, label.keyframe->attributes, is_of_frame);
    for (Json* element : own) {
      if (source_ == nullptr || cameras_.of(*element, label.uid, "") != camera)
        (*element)["coordinate_system"] = camera;
      (void)cameras_.of(*element, label.uid, fmt::format("track {}", label.track->id));  // the file has to know it
    }
  }

  /// What tells an object's cuboids or boxes apart.
  std::string name_of(const TrackKey& track, const std::string& otherwise) const {
    if (source_ == nullptr) return otherwise;
    const auto known = source_->name_of_track.find(track);
    return known == source_->name_of_track.end() ? otherwise : known->second;
  }

  /// Takes out what became null, and what holds nothing then.
  void tidy_up() {
    for (const auto& [frame, uid] : touched_) {
      Json& holder = frame.empty() ? *objects_->find(uid) : (*frame_of_key_.at(frame))["objects"][uid];
      Json& data = holder["object_data"];
      for (const char* kind : label_kinds) {
        if (!data.contains(kind)) continue;
        Json left = Json::array();
        for (Json& element : data[kind]) {
          if (!element.is_null()) left.push_back(std::move(element));
        }
        if (left.empty())
          data.erase(kind);
        else
          data[kind] = std::move(left);
      }
      if (!data.empty()) continue;
      if (frame.empty())
        holder.erase("object_data");
      else
        (*frame_of_key_.at(frame))["objects"].erase(uid);
    }
  }

  struct Pointer {
    std::string kind;
    std::set<std::int64_t> frames;
  };

  /// Adds the names of what is in `data`. \param frame  nothing for an object's own data
  static void point_at(const Json& data, std::optional<std::int64_t> frame, std::map<std::string, Pointer>& pointers) {
    for (const auto& [kind, elements] : data.items()) {
      for (const Json& element : elements) {
        const Json* name = json::optional_member(element, "name");
        if (name == nullptr || !name->is_string()) continue;
        Pointer& pointer = pointers[name->get<std::string>()];
        pointer.kind = kind;
        if (frame) pointer.frames.insert(*frame);
      }
    }
  }

  /// Where objects and their labels exist: from the frames as they are now.
  void put_intervals() {
    tidy_up();
    std::set<std::string> changed;
    for (const auto& [frame, uid] : touched_) changed.insert(uid);
    std::map<std::string, std::set<std::int64_t>> frames_of_object;
    std::map<std::string, std::map<std::string, Pointer>> pointers_of_object;
    std::set<std::int64_t> all;
    for (const auto& [key, frame] : frame_of_key_) {
      std::int64_t number = 0;
      (void)parse_number(key, number);
      all.insert(number);
      const Json* objects = json::optional_member(*frame, "objects");
      if (objects == nullptr) continue;
      for (const auto& [uid, object] : objects->items()) {
        if (!changed.contains(uid)) continue;
        frames_of_object[uid].insert(number);
        if (const Json* data = json::optional_member(object, "object_data"))
          point_at(*data, number, pointers_of_object[uid]);
      }
    }
    std::set<std::string> gone;
    for (const std::string& uid : changed) {
      Json* object = objects_->find(uid);
      if (object == nullptr) continue;
      const Json* own = json::optional_member(*object, "object_data");
      const std::set<std::int64_t>& frames = frames_of_object[uid];
      if (frames.empty() && (own == nullptr || labels_in(*own) == 0)) {
        gone.insert(uid);
        continue;
      }
      if (own != nullptr) point_at(*own, {}, pointers_of_object[uid]);
      if (!frames.empty()) (*object)["frame_intervals"] = intervals_of(frames);
      Json pointers = Json::object();
      for (const auto& [name, pointer] : pointers_of_object[uid])
        pointers[name] = {{"type", pointer.kind}, {"frame_intervals", intervals_of(pointer.frames)}};
      if (pointers.empty())
        object->erase("object_data_pointers");
      else
        (*object)["object_data_pointers"] = std::move(pointers);
    }
    for (const std::string& uid : gone) root_["openlabel"]["objects"].erase(uid);
    if (source_ == nullptr) root_["openlabel"]["frame_intervals"] = intervals_of(all);
  }

  const LabelSet& labels_;
  const Source* source_;
  const fs::path& out_;
  Json root_;
  const Cameras cameras_;
  const Objects* objects_ = nullptr;
  std::map<TimestampNs, std::string> frame_key_;
  std::map<TimestampNs, std::size_t> frame_at_;
  std::vector<std::string> keys_;
  std::map<std::string, Json*> frame_of_key_;
  std::vector<bool> kept_;                                 ///< by row of the source
  std::set<std::pair<std::string, std::string>> touched_;  ///< frame and object
};

}  // namespace

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  Result<void> written;
  const auto done = json::guard(out, [&] { written = Writer(scene, labels, source, out).write(); });
  return done ? written : done;
}

}  // namespace sweepmark::openlabel
