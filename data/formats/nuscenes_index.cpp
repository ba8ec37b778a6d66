// SPDX-License-Identifier: Apache-2.0
#include "data/formats/nuscenes_index.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace sweepmark::nuscenes::tables {
namespace fs = std::filesystem;
namespace {

/// Stands for a token, in 16 bytes: two tokens of one key are as likely as two files of one checksum, and would only
/// make a scene read a record too many.
struct TokenKey {
  std::uint64_t high = 0xCBF29CE484222325ULL, low = 0x9E3779B97F4A7C15ULL;

  explicit TokenKey(std::string_view token) {
    for (const char c : token) {
      high = (high ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
      low = (low ^ static_cast<unsigned char>(c)) * 0xD6E8FEB86659FD93ULL;
      low ^= low >> 32;
    }
  }
  auto operator<=>(const TokenKey&) const = default;
};

/// A record that records of a scene name by its token, and who named it first, for the message where it is not there.
struct Reference {
  TokenKey key;
  std::uint32_t scene;
  std::uint32_t named_by : 31, is_found : 1;
};

/// The records of one table that scenes ask for.
class References {
 public:
  void add(std::string_view token, std::uint32_t scene, std::size_t named_by) {
    all_.push_back({TokenKey(token), scene, static_cast<std::uint32_t>(named_by) & 0x7FFFFFFFU, 0});
    if (all_.size() >= sort_at_) sort();
  }
  /// In the order of keys, each once: calibrations are named by every recording.
  void sort() {
    std::ranges::sort(all_, {}, [](const Reference& r) { return std::tuple(r.key, r.scene, r.named_by); });
    const auto repeated = std::ranges::unique(
        all_, [](const Reference& a, const Reference& b) { return a.key == b.key && a.scene == b.scene; });
    all_.erase(repeated.begin(), repeated.end());
    sort_at_ = std::max(sort_at_, 2 * all_.size());
  }
  /// Calls visit(scene) for each scene that asks for the token.
  template <class Visit>
  void each(std::string_view token, Visit visit) {
    const TokenKey key(token);
    for (auto at = std::ranges::lower_bound(all_, key, {}, &Reference::key); at != all_.end() && at->key == key; ++at) {
      at->is_found = 1;
      visit(at->scene);
    }
  }
  /// The first that no record answered, or null.
  const Reference* missing() const {
    const auto found = std::ranges::find_if(all_, [](const Reference& r) { return r.is_found == 0; });
    return found == all_.end() ? nullptr : &*found;
  }

 private:
  std::vector<Reference> all_;
  std::size_t sort_at_ = std::size_t{1} << 16;
};

class Indexer {
 public:
  explicit Indexer(const fs::path& folder) : folder_(folder) {}

  TableIndex index() {
    read_scenes();
    read_samples();
    read_sample_data();
    take_named(ego_poses_, "ego_pose", "token", &SceneRecords::ego_poses, "sample_data", "ego_pose_token");
    take_named(calibrations_, "calibrated_sensor", "token", &SceneRecords::calibrated_sensors, "sample_data",
               "calibrated_sensor_token");
    for (const auto& [table, records] :
         {std::pair{"lidarseg", &SceneRecords::lidarseg}, std::pair{"panoptic", &SceneRecords::panoptic}}) {
      if (has_table(folder_, table)) take_named(sample_data_, table, "sample_data_token", records, nullptr, nullptr);
    }
    if (has_table(folder_, "sample_annotation")) read_annotations();
    TableIndex index;
    for (std::size_t i = 0; i < scenes_.size(); ++i) {
      if (!index.emplace(names_[i], std::move(scenes_[i])).second)
        throw BadRecord{fmt::format("record {}, field name: expected each name once, got {} again: {}", i, names_[i],
                                    (folder_ / "scene.json").string())};
    }
    return index;
  }

 private:
  using Records = std::vector<RecordPlace> SceneRecords::*;

  void add(std::uint32_t scene, Records records, const Record& record) {
    (scenes_[scene].*records).push_back(record.place());
  }

  void read_scenes() {
    read_table(folder_, "scene", [&](Record& record) {
      scene_of_token_[record.text("token")] = static_cast<std::uint32_t>(scenes_.size());
      names_.push_back(record.text("name"));
      scenes_.emplace_back();
    });
  }

  void read_samples() {
    read_table(folder_, "sample", [&](Record& record) {
      const std::string token = record.text("scene_token");
      const auto scene = scene_of_token_.find(token);
      if (scene == scene_of_token_.end())
        record.fail("scene_token", fmt::format("the token of a known scene, got \"{}\"", token));
      scene_of_sample_[record.text("token")] = scene->second;
      add(scene->second, &SceneRecords::samples, record);
    });
  }

  std::uint32_t scene_of(Record& record) const {
    const std::string sample = record.text("sample_token");
    const auto scene = scene_of_sample_.find(sample);
    if (scene == scene_of_sample_.end())
      record.fail("sample_token", fmt::format("the token of a known sample, got \"{}\"", sample));
    return scene->second;
  }

  void read_sample_data() {
    const bool has_point_labels = has_table(folder_, "lidarseg") || has_table(folder_, "panoptic");
    read_table(folder_, "sample_data", [&](Record& record) {
      const std::uint32_t scene = scene_of(record);
      add(scene, &SceneRecords::sample_data, record);
      ego_poses_.add(record.text("ego_pose_token"), scene, record.number());
      calibrations_.add(record.text("calibrated_sensor_token"), scene, record.number());
      if (has_point_labels) sample_data_.add(record.text("token"), scene, record.number());
    });
  }

  void read_annotations() {
    References instances;
    read_table(folder_, "sample_annotation", [&](Record& record) {
      const std::uint32_t scene = scene_of(record);
      add(scene, &SceneRecords::annotations, record);
      instances.add(record.text("instance_token"), scene, record.number());
    });
    take_named(instances, "instance", "token", &SceneRecords::instances, "sample_annotation", "instance_token");
  }

  /// Gives each scene the records of a table whose token in `field` it asked for.
  /// \param named_in, named_as  the table and the field that named them; null where there need be no record
  void take_named(References& references, const char* table, const char* field, Records records, const char* named_in,
                  const char* named_as) {
    references.sort();
    read_table(folder_, table, [&](Record& record) {
      references.each(record.text(field), [&](std::uint32_t scene) { add(scene, records, record); });
    });
    if (named_in == nullptr) return;
    if (const Reference* missing = references.missing()) {
      throw BadRecord{fmt::format("record {}, field {}: expected the token of a record of {}.json: {}",
                                  missing->named_by, named_as, table,
                                  (folder_ / (std::string(named_in) + ".json")).string())};
    }
  }

  fs::path folder_;
  std::vector<SceneRecords> scenes_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint32_t> scene_of_token_, scene_of_sample_;
  References ego_poses_, calibrations_, sample_data_;
};

/// What says whether tables are still those that were read.
std::vector<std::pair<std::uintmax_t, fs::file_time_type>> state_of(const fs::path& folder) {
  std::vector<std::pair<std::uintmax_t, fs::file_time_type>> state;
  for (const char* table : {"scene", "sample", "sample_data", "ego_pose", "calibrated_sensor", "lidarseg", "panoptic",
                            "sample_annotation", "instance"}) {
    const fs::path file = folder / (std::string(table) + ".json");
    std::error_code failure;
    const auto size = fs::file_size(file, failure);
    state.emplace_back(size, fs::last_write_time(file, failure));
  }
  return state;
}

}  // namespace

std::shared_ptr<const TableIndex> index_of(const fs::path& folder) {
  static std::mutex mutex;
  static fs::path kept_folder;
  static decltype(state_of(folder)) kept_state;
  static std::shared_ptr<const TableIndex> kept;
  const std::scoped_lock lock(mutex);  // scenes that are opened side by side wait for one index
  auto state = state_of(folder);
  if (kept == nullptr || kept_folder != folder || kept_state != state) {
    kept = nullptr;
    kept = std::make_shared<const TableIndex>(Indexer(folder).index());
    kept_folder = folder;
    kept_state = std::move(state);
  }
  return kept;
}

}  // namespace sweepmark::nuscenes::tables
