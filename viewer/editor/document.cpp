// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/document.h"

#include <algorithm>

#include "data/scene_in_store.h"
#include "tracking/evaluate.h"
#include "tracking/provenance.h"

namespace sweepmark::editor {

Document::Document(LabelSet labels, std::filesystem::path file) : unsaved_(std::move(labels)), file_(std::move(file)) {}

Result<Document> Document::open(LabelSet labels, std::filesystem::path file) {
  Document document(std::move(labels), std::move(file));
  std::error_code failure;
  if (!std::filesystem::exists(document.file_, failure)) return document;
  auto store = LabelStore::open(document.file_);
  if (!store) return store.error();
  document.store_ = *std::move(store);
  document.unsaved_ = {};
  return document;
}

Result<Document> Document::open(const std::shared_ptr<const Scene>& scene, std::filesystem::path file,
                                bool from_scratch) {
  auto document = open(from_scratch ? LabelSet{} : scene->labels, std::move(file));
  if (!document) return document;
  const std::filesystem::path& name = document->file_;
  if (!document->store_) {
    document->to_store_ = std::async(std::launch::async, [scene, name] { return stored_scene_of(*scene, name); });
    return document;
  }
  if (const auto met = meet_scene(*document->store_, name, *scene); !met) return met.error();
  return document;
}

void Document::use_ontology(const Ontology& ontology) {
  LabelSet before, after;
  before.ontology = labels().ontology;
  after.ontology = ontology;
  for (const auto& c : before.ontology.classes)
    if (find_class(ontology, c.name) == nullptr) after.ontology.classes.push_back(c);
  for (const auto& s : before.ontology.skeletons)
    if (find_skeleton(ontology, s.name) == nullptr) after.ontology.skeletons.push_back(s);
  if (store_) {
    to_adopt_ = difference(before, after);
  } else {
    unsaved_.ontology = std::move(after.ontology);
  }
}

const LabelSet& Document::labels() const { return store_ ? store_->labels() : unsaved_; }

std::optional<std::string> Document::read_only_reason() const {
  return store_ ? store_->read_only_reason() : std::nullopt;
}

Result<void> Document::commit(std::span<const Change> changes, const EditBy& by) {
  if (changes.empty()) return {};
  if (!store_) {
    // A change that does not fit must not leave a store behind.
    LabelSet trial{unsaved_.tracks, nullptr};
    trial.image_tracks = unsaved_.image_tracks;
    if (auto fits = apply_changes(trial, changes); !fits) return fits;
    std::optional<StoredScene> scene;
    if (to_store_.valid()) scene = to_store_.get();
    auto store = LabelStore::create(file_, unsaved_, {by.author, "import", by.time}, scene ? &*scene : nullptr);
    if (!store) {
      // The next edit tries again.
      if (scene) to_store_ = std::async(std::launch::deferred, [kept = std::move(scene)] { return kept; });
      return store.error();
    }
    store_ = *std::move(store);
    unsaved_ = {};
  }
  if (!to_adopt_.empty()) {
    if (auto adopted = store_->commit(to_adopt_, {by.author, "ontology", by.time}); !adopted) return adopted;
    to_adopt_.clear();
    ++revision_;
  }
  if (auto committed = store_->commit({changes.begin(), changes.end()}, by); !committed) return committed;
  note(changes);
  return {};
}

Result<std::optional<std::vector<Change>>> Document::undo(const EditBy& by) {
  if (!store_) return std::optional<std::vector<Change>>{};
  auto changes = store_->undo(by);
  if (changes && *changes) note(**changes);
  return changes;
}

Result<std::optional<std::vector<Change>>> Document::redo(const EditBy& by) {
  if (!store_) return std::optional<std::vector<Change>>{};
  auto changes = store_->redo(by);
  if (changes && *changes) note(**changes);
  return changes;
}

void Document::note(std::span<const Change> changes) {
  for (const Change& change : changes) {
    if (const auto* track = std::get_if<TrackChange>(&change)) prepared_.erase(track->track);
    if (const auto* keyframe = std::get_if<KeyframeChange>(&change)) prepared_.erase(keyframe->track);
  }
  ++revision_;
}

std::optional<std::size_t> Document::find(std::string_view track_id) const {
  const auto& tracks = labels().tracks;
  const auto found = std::ranges::find(tracks, track_id, &Track::id);
  if (found == tracks.end()) return std::nullopt;
  return static_cast<std::size_t>(found - tracks.begin());
}

const Keyframe* Document::keyframe_at(std::size_t index, TimestampNs timestamp) const {
  const auto& keyframes = labels().tracks.at(index).keyframes;
  const auto found = std::ranges::lower_bound(keyframes, timestamp, {}, &Keyframe::timestamp);
  return found != keyframes.end() && found->timestamp == timestamp ? &*found : nullptr;
}

bool Document::is_set_by_person_at(std::size_t index, TimestampNs timestamp) const {
  const Keyframe* keyframe = keyframe_at(index, timestamp);
  return keyframe != nullptr && is_set_by_person(*keyframe);
}

std::optional<ShownCuboid> Document::at(std::size_t index, TimestampNs timestamp) const {
  const Track& track = labels().tracks.at(index);
  auto cached = prepared_.find(track.id);
  if (cached == prepared_.end()) {
    // Labels of a dataset may hold what cannot be interpolated: such a track is not shown, `check` says why.
    auto prepared = track.keyframes.empty() ? Result<PreparedTracks>(Error{}) : prepare(std::span(&track, 1));
    cached = prepared_.emplace(track.id, prepared ? std::optional(*std::move(prepared)) : std::nullopt).first;
  }
  if (!cached->second) return std::nullopt;
  ShownCuboid shown{index, {}, Presence::absent};
  shown.presence = evaluate(*cached->second, 0, timestamp, shown.cuboid);
  if (shown.presence == Presence::absent) return std::nullopt;
  return shown;
}

std::vector<ShownCuboid> Document::all_at(TimestampNs timestamp) const {
  std::vector<ShownCuboid> shown;
  for (std::size_t i = 0; i < labels().tracks.size(); ++i)
    if (const auto object = at(i, timestamp)) shown.push_back(*object);
  return shown;
}

}  // namespace sweepmark::editor
