// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/scene.h"
#include "data/store/label_store.h"
#include "kernels/interpolate.h"

namespace sweepmark::editor {

/// One object as it is at one time.
struct ShownCuboid {
  std::size_t track = 0;  ///< index into Document::labels().tracks
  Cuboid cuboid;          ///< frame world
  Presence presence = Presence::absent;
};

/// The labels being edited, kept in a label store: each edit is on disk before `commit` returns.
/// What lies between keyframes comes from the same engine as every export (tracking/evaluate.h).
/// Not for several threads at once.
class Document {
 public:
  /// \param labels  where `file` does not exist yet
  /// \param file    a store (`*.sweepmark`); the first edit creates it with `labels` as its first entry
  /// Errors: those of LabelStore::open.
  static Result<Document> open(LabelSet labels, std::filesystem::path file);
  /// The labels of a scene, which the store learns and keeps (data/scene_in_store.h): what the first edit needs for
  /// that is read beside the work. \param from_scratch  a new store begins without the labels of the dataset Errors:
  /// those of LabelStore::open; a store that belongs to another scene.
  static Result<Document> open(const std::shared_ptr<const Scene>& scene, std::filesystem::path file,
                               bool from_scratch = false);

  /// What can be labelled, from now on: a new store begins with it; in one that is there it comes before the next edit,
  /// as an edit of its own. Classes of the labels that it does not name stay.
  void use_ontology(const Ontology& ontology);

  const LabelSet& labels() const;
  const std::filesystem::path& file() const { return file_; }
  /// Grows with every change of the labels: whoever draws them compares it with the last one seen.
  std::uint64_t revision() const { return revision_; }
  /// Why nothing can be edited, where that is so.
  std::optional<std::string> read_only_reason() const;
  bool exists_on_disk() const { return store_.has_value(); }

  /// Durable when it returns without error; else nothing has changed. Errors: those of LabelStore::commit and create.
  Result<void> commit(std::span<const Change> changes, const EditBy& by);
  /// \return what changed; nothing when there is nothing to undo (redo)
  Result<std::optional<std::vector<Change>>> undo(const EditBy& by);
  Result<std::optional<std::vector<Change>>> redo(const EditBy& by);

  std::optional<std::size_t> find(std::string_view track_id) const;
  /// The cuboid of one track at a time; nothing where the object is absent. Cost: O(log keyframes) when the track has
  /// not changed since it was asked last.
  std::optional<ShownCuboid> at(std::size_t track, TimestampNs timestamp) const;
  /// The keyframe of a track at a time, whoever set it; null where there is none, and after the next edit.
  const Keyframe* keyframe_at(std::size_t track, TimestampNs timestamp) const;
  /// A person set it, or confirmed it.
  bool is_set_by_person_at(std::size_t track, TimestampNs timestamp) const;
  /// All objects that are there at a time, in the order of tracks.
  std::vector<ShownCuboid> all_at(TimestampNs timestamp) const;

 private:
  Document(LabelSet labels, std::filesystem::path file);
  void note(std::span<const Change> changes);

  LabelSet unsaved_;                                  ///< until the store exists
  std::future<std::optional<StoredScene>> to_store_;  ///< what a new store keeps of its scene
  std::vector<Change> to_adopt_;                      ///< of the ontology, before the next edit
  std::filesystem::path file_;
  std::optional<LabelStore> store_;
  std::uint64_t revision_ = 1;
  mutable std::map<std::string, std::optional<PreparedTracks>, std::less<>>
      prepared_;  ///< by track id; a changed track's is dropped
};

}  // namespace sweepmark::editor
