// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "data/formats/openlabel_source.h"

namespace sweepmark::openlabel {

/// Which object of the file each track is, and what the file then says of its objects. A cuboid track and image tracks
/// of one id are one object where they have the same class and attributes, else several with one `track_id`.
class Objects {
 public:
  /// \param objects  of the file: new ones are added, changed ones changed \param source  may be null
  Objects(const LabelSet& labels, const Source* source, Json& objects);
  const std::string& uid_of(const TrackKey& track) const { return uid_of_track_.at(track); }
  /// Null where the file has no such object. Valid while no object is added or erased.
  Json* find(const std::string& uid) const;
  bool is_changed() const { return is_changed_; }

 private:
  struct Plan {
    std::string id, class_name;
    std::optional<Attributes> attributes = {};  ///< nothing where no track is the object itself
    bool is_new = false;
  };
  /// Where a track's cuboids or boxes are in the file, and how many of them are there still.
  struct Boxes {
    std::size_t in_file = 0, kept = 0;
    TimestampNs first = INT64_MAX, first_now = INT64_MAX;
    bool has_polygon = false;
  };
  void count_boxes(const LabelSet& labels);
  bool may_stay(const TrackKey& track, const std::string& uid) const;
  void name(const TrackKey& track, const std::string& class_name, const Attributes& attributes);
  bool take(const std::string& uid, const std::string& id, const std::string& class_name, const Attributes& attributes);
  std::string new_uid(const std::string& id);
  void put(const std::string& uid, const Plan& plan);

  const Source* source_;
  Json& objects_;
  std::map<std::string, Json*> object_of_uid_;
  std::set<std::string> ids_;
  std::int64_t next_ = 0;
  std::map<std::string, Plan> plans_;  ///< by uid
  std::vector<std::string> order_;     ///< uids of new objects
  std::map<std::string, std::vector<std::string>> uids_of_id_;
  std::map<TrackKey, std::string> uid_of_track_;
  std::map<TrackKey, Boxes> boxes_;
  bool is_changed_ = false;
};

}  // namespace sweepmark::openlabel
