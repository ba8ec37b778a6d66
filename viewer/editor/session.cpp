// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "data/scene_in_store.h"
#include "kernels/expects.h"
#include "kernels/math/rigid.h"
#include "tracking/provenance.h"
#include "tracking/suggest.h"
#include "viewer/editor/cuboid_edit.h"
#include "viewer/editor/image_commands.h"
#include "viewer/editor/track_order.h"

namespace sweepmark::editor {

std::size_t frame_nearest(const Scene& scene, TimestampNs time) {
  const auto found = std::ranges::min_element(scene.frames, {}, [&](const Frame& f) {
    return std::abs(static_cast<double>(f.timestamp) - static_cast<double>(time));
  });
  return static_cast<std::size_t>(found - scene.frames.begin());
}

Session::Session(std::shared_ptr<const Scene> scene, Document document, std::string author,
                 std::function<TimestampNs()> now)
    : scene_(std::move(scene)), document_(std::move(document)), author_(std::move(author)), now_(std::move(now)) {
  SWEEPMARK_EXPECTS(!scene_->frames.empty());
}

Scene Session::edited_scene() const {
  Scene scene = *scene_;
  put_labels(scene, document_.labels(), document_.file());
  return scene;
}

void Session::say(std::string message, bool is_error) {
  message_ = std::move(message);
  message_is_error_ = is_error;
}

bool Session::fail(const Error& error) {
  say(error.message, true);
  return false;
}

EditBy Session::by(std::string_view tool) const { return {author_, std::string(tool), now_()}; }

void Session::go_to(std::int64_t frame) {
  const auto last = static_cast<std::int64_t>(frame_count()) - 1;
  frame_ = static_cast<std::size_t>(std::clamp<std::int64_t>(frame, 0, last));
  dragged_.reset();
}

bool Session::go_to_keyframe(int direction) {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  std::optional<TimestampNs> target;
  for (const Keyframe& k : only_set_by_person(*track).keyframes) {
    if (direction > 0 && k.timestamp > time()) {
      target = k.timestamp;
      break;
    }
    if (direction < 0 && k.timestamp < time()) target = k.timestamp;
  }
  if (!target) {
    say(fmt::format("{} has no keyframe {} this one", track->id, direction > 0 ? "after" : "before"));
    return false;
  }
  go_to(static_cast<std::int64_t>(frame_nearest(*scene_, *target)));
  return true;
}

std::vector<ShownCuboid> Session::shown() const {
  auto objects = document_.all_at(time());
  if (!hidden_classes_.empty())
    std::erase_if(objects, [&](const ShownCuboid& object) {
      return hidden_classes_.contains(class_of(track(object))) && track(object).id != selected_;
    });
  if (dragged_) {
    const auto index = selected_track();
    const auto found = std::ranges::find_if(objects, [&](const ShownCuboid& o) { return index && o.track == *index; });
    if (found != objects.end()) {
      found->cuboid = *dragged_;
    } else if (index) {
      objects.push_back({*index, *dragged_, Presence::interpolated});
    }
  }
  return objects;
}

bool Session::go_to_suggestion() {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  std::vector<TimestampNs> times;
  for (const Frame& frame : scene_->frames) times.push_back(frame.timestamp);
  const auto suggestion = suggest_keyframe(*track, times);
  if (!suggestion) return fail(suggestion.error());
  if (!*suggestion) {
    say(fmt::format("No frame of {} needs a keyframe more than others", track->id));
    return false;
  }
  const auto found = std::ranges::lower_bound(times, (*suggestion)->timestamp);
  go_to(found - times.begin());
  say(fmt::format("A keyframe helps most here (expected overlap {:.2f})", (*suggestion)->expected_iou));
  return true;
}

void Session::hide_class(const std::string& class_name, bool hidden) {
  if (hidden) {
    hidden_classes_.insert(class_name);
  } else {
    hidden_classes_.erase(class_name);
  }
}

std::optional<std::size_t> Session::selected_track() const {
  return selected_.empty() ? std::nullopt : document_.find(selected_);
}

void Session::select(std::string track) {
  if (track == selected_) return;
  dragged_.reset();
  selected_ = std::move(track);
}

void Session::select_next(int direction) {
  auto objects = shown();
  if (objects.empty()) return;
  std::ranges::stable_sort(
      objects, [&](const ShownCuboid& a, const ShownCuboid& b) { return id_before(track(a).id, track(b).id); });
  const auto found = std::ranges::find_if(objects, [&](const ShownCuboid& o) { return track(o).id == selected_; });
  const auto count = static_cast<std::ptrdiff_t>(objects.size());
  const std::ptrdiff_t at = found != objects.end() ? found - objects.begin() + direction : direction > 0 ? 0 : -1;
  select(track(objects[static_cast<std::size_t>((at + count) % count)]).id);
}

std::optional<ShownCuboid> Session::selected_now() const {
  const auto index = selected_track();
  if (!index) return std::nullopt;
  auto now = document_.at(*index, time());
  if (!dragged_) return now;
  if (!now) return ShownCuboid{*index, *dragged_, Presence::interpolated};
  now->cuboid = *dragged_;
  return now;
}

std::optional<Cuboid> Session::selected_or_nearest() const {
  if (const auto now = selected_now()) return now->cuboid;
  const auto index = selected_track();
  if (!index) return std::nullopt;
  const auto& keyframes = document_.labels().tracks[*index].keyframes;
  if (keyframes.empty()) return std::nullopt;
  return std::ranges::min_element(keyframes, {},
                                  [&](const Keyframe& k) {
                                    return std::abs(static_cast<double>(k.timestamp) - static_cast<double>(time()));
                                  })
      ->cuboid;
}

void Session::drag(const Cuboid& cuboid) {
  if (selected_track()) dragged_ = cuboid;
}

bool Session::end_drag(std::string_view tool) {
  if (!dragged_) return false;
  const Cuboid cuboid = *dragged_;
  dragged_.reset();
  return set_cuboid(cuboid, tool);
}

std::string Session::selected_object_or_say() {
  const auto is_selected = [&](const auto& track) { return track.id == selected_; };
  if (selected_track() || std::ranges::any_of(document_.labels().image_tracks, is_selected)) return selected_;
  say("Select an object first");
  return {};
}

const Track* Session::selected_or_say() {
  const auto index = selected_track();
  if (!index) {
    say("Select an object first");
    return nullptr;
  }
  return &document_.labels().tracks[*index];
}

bool Session::edit(std::string_view tool, std::span<const std::function<Edit(const LabelSet&)>> steps) {
  if (const auto reason = document_.read_only_reason()) return fail({"Read-only: " + *reason});
  std::vector<Change> all;
  if (steps.size() == 1) {
    auto changes = steps.front()(document_.labels());
    if (!changes) return fail(changes.error());
    all = *std::move(changes);
  } else {
    LabelSet trial{document_.labels().tracks, nullptr};
    trial.image_tracks = document_.labels().image_tracks;
    for (const auto& step : steps) {
      auto changes = step(trial);
      if (!changes) return fail(changes.error());
      if (auto applied = apply_changes(trial, *changes); !applied) return fail(applied.error());
      all.insert(all.end(), changes->begin(), changes->end());
    }
  }
  if (all.empty()) return false;
  if (auto committed = document_.commit(all, by(tool)); !committed) {
    write_failure_ = committed.error().message;
    return fail(committed.error());
  }
  write_failure_.reset();
  ++edits_;
  say({});
  return true;
}

bool Session::edit(std::string_view tool, const std::function<Edit(const LabelSet&)>& step) {
  return edit(tool, std::span(&step, 1));
}

bool Session::set_cuboid(const Cuboid& cuboid, std::string_view tool) {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  const std::string id = track->id;
  const auto set = [&, at = time()](const LabelSet& labels) { return editor::set_keyframe(labels, id, at, cuboid); };
  if (!has_size_lock() || track->keyframes.front().cuboid.size == cuboid.size) return edit(tool, set);
  const std::function<Edit(const LabelSet&)> steps[] = {
      set, [&](const LabelSet& labels) { return set_size_of_all(labels, id, cuboid.size); }};
  return edit(tool, steps);
}

bool Session::create(const Cuboid& cuboid, const std::string& class_name, std::string_view tool) {
  const std::string id = unused_track_id(document_.labels());
  if (!edit(tool, [&](const LabelSet& labels) { return new_track(labels, id, class_name, time(), cuboid); }))
    return false;
  select(id);
  say(fmt::format("New {} {}", class_name, id));
  return true;
}

bool Session::toggle_keyframe() {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  const auto now = selected_now();
  if (now && now->presence == Presence::keyframe) {
    if (!document_.is_set_by_person_at(now->track, time())) {
      if (!set_cuboid(now->cuboid, "confirm")) return false;
      say("Confirmed: what a program set here is yours now");
      return true;
    }
    if (track->keyframes.size() == 1) {
      say(fmt::format("This is the only keyframe of {}; Delete removes the whole object", track->id));
      return false;
    }
    return edit("keyframe", [&](const LabelSet& labels) { return remove_keyframe(labels, track->id, time()); });
  }
  const auto cuboid = selected_or_nearest();
  if (!cuboid) return false;
  if (now) return set_cuboid(*cuboid, "keyframe");
  // Where it is absent, a keyframe says that it is there: the absence around it ends here.
  const std::string id = track->id;
  const auto spans = track->absences;
  const std::function<Edit(const LabelSet&)> steps[] = {
      [&](const LabelSet& labels) { return editor::set_keyframe(labels, id, time(), *cuboid); },
      [&](const LabelSet& labels) { return clear_absence(labels, id, time(), time()); }};
  return edit("keyframe", steps);
}

bool Session::put_refined(const Track& refined, const std::string& summary) {
  say({});
  const bool changed = edit("refine", [&](const LabelSet& labels) { return editor::put_refined(labels, refined); });
  if (!changed) {
    // Nothing found is an answer too; an error has said why.
    if (!message_is_error_)
      say(summary.empty() ? fmt::format("Nothing of {} could be followed in the points: it stays as it is", refined.id)
                          : summary);
    return false;
  }
  if (!summary.empty()) {
    say(summary);
    return true;
  }
  std::size_t moved = 0;
  const Keyframe* least = nullptr;
  double least_score = 2;
  for (const Keyframe& k : refined.keyframes) {
    if (is_set_by_person(k)) continue;
    ++moved;
    const double score = provenance_of(k.attributes).score.value_or(1);
    if (score >= least_score) continue;
    least_score = score;
    least = &k;
  }
  if (least == nullptr) {
    say(fmt::format("Nothing of {} could be followed in the points", refined.id));
    return true;
  }
  const auto frame = std::ranges::lower_bound(scene_->frames, least->timestamp, {}, &Frame::timestamp);
  say(fmt::format("{}: {} frames moved to the points, least surely frame {} (agreement with its own shape {:.2f})",
                  refined.id, moved, frame - scene_->frames.begin(), least_score));
  return true;
}

bool Session::drop_computed() {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  const std::string id = track->id;
  return edit("drop computed", [&](const LabelSet& labels) { return editor::drop_computed(labels, id); });
}

bool Session::toggle_absence() {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  const std::string id = track->id;
  for (const AbsenceSpan& span : track->absences)
    if (span.begin <= time() && time() <= span.end)
      return edit("absence", [&](const LabelSet& labels) { return clear_absence(labels, id, time(), span.end); });
  const auto now = selected_now();
  if (!now) {
    say(fmt::format("{} is not there in this frame; a keyframe brings it here", id));
    return false;
  }
  const auto next = std::ranges::find_if(track->keyframes, [&](const Keyframe& k) { return k.timestamp > time(); });
  if (next == track->keyframes.end()) {
    say(fmt::format("{} ends here: there is no later keyframe", id));
    return false;
  }
  // A keyframe stays, and is the last that is seen; else it is gone from this frame on.
  const TimestampNs begin = now->presence == Presence::keyframe ? time() + 1 : time();
  const TimestampNs end = next->timestamp - 1;
  return edit("absence", [&](const LabelSet& labels) { return set_absence(labels, id, begin, end); });
}

bool Session::copy_to_frame(std::int64_t frame) {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  if (frame < 0 || frame >= static_cast<std::int64_t>(frame_count())) {
    say("There is no frame to copy to");
    return false;
  }
  const auto cuboid = selected_or_nearest();
  if (!cuboid) return false;
  const std::string id = track->id;
  const TimestampNs there = scene_->frames[static_cast<std::size_t>(frame)].timestamp;
  const bool done =
      edit("copy", [&](const LabelSet& labels) { return editor::set_keyframe(labels, id, there, *cuboid); });
  go_to(frame);
  return done;
}

bool Session::make_static() {
  const Track* track = selected_or_say();
  const auto cuboid = selected_or_nearest();
  if (track == nullptr || !cuboid) return false;
  const std::string id = track->id;
  const TimestampNs first = std::min(track->keyframes.front().timestamp, time());
  const TimestampNs last = std::max(track->keyframes.back().timestamp, time());
  const bool done =
      edit("static", [&](const LabelSet& labels) { return editor::make_static(labels, id, *cuboid, first, last); });
  if (done) say(fmt::format("{} does not move from its first to its last frame", id));
  return done;
}

bool Session::has_size_lock() const {
  const auto index = selected_track();
  if (!index || unlocked_.contains(selected_)) return false;
  const auto& keyframes = document_.labels().tracks[*index].keyframes;
  return keyframes.size() > 1 && std::ranges::all_of(keyframes, [&](const Keyframe& k) {
           return k.cuboid.size == keyframes.front().cuboid.size;
         });
}

bool Session::set_size_lock(bool locked) {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  if (!locked) {
    unlocked_.insert(track->id);
    return false;
  }
  unlocked_.erase(track->id);
  const auto cuboid = selected_or_nearest();
  if (!cuboid) return false;
  const std::string id = track->id;
  return edit("size", [&](const LabelSet& labels) { return set_size_of_all(labels, id, cuboid->size); });
}

bool Session::merge_with(const std::string& other) {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  const std::string id = track->id;
  if (!edit("merge", [&](const LabelSet& labels) { return merge_tracks(labels, id, other); })) return false;
  say(fmt::format("{} and {} are one object now", id, other));
  return true;
}

bool Session::split() {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  const std::string id = track->id, second = unused_track_id(document_.labels());
  const auto now = selected_now();
  // Both parts need a keyframe at the cut, so that neither moves.
  const std::function<Edit(const LabelSet&)> steps[] = {
      [&](const LabelSet& labels) {
        return now ? editor::set_keyframe(labels, id, time(), now->cuboid) : Edit(std::vector<Change>{});
      },
      [&](const LabelSet& labels) {
        if (!now || frame_ == 0) return Edit(std::vector<Change>{});
        const TimestampNs before = scene_->frames[frame_ - 1].timestamp;
        const auto there = document_.at(*document_.find(id), before);
        return there ? editor::set_keyframe(labels, id, before, there->cuboid) : Edit(std::vector<Change>{});
      },
      [&](const LabelSet& labels) { return split_track(labels, id, time(), second); }};
  if (!edit("split", steps)) return false;
  say(fmt::format("From this frame on it is {}; before, {}", second, id));
  select(second);
  return true;
}

bool Session::remove() {
  const Track* track = selected_or_say();
  return track != nullptr && remove_object(track->id);
}

bool Session::remove_object(const std::string& object) {
  const std::string id = object;
  if (!edit("delete", [&](const LabelSet& labels) { return editor::remove_object(labels, id); })) return false;
  if (selected_ == id) select({});
  say(fmt::format("Deleted {} in all frames and images; undo brings it back", id));
  return true;
}

bool Session::rename(const std::string& new_id) {
  const std::string id = selected_object_or_say();
  if (id.empty() || !edit("renumber", [&](const LabelSet& labels) { return rename_object(labels, id, new_id); }))
    return false;
  select(new_id);
  return true;
}

bool Session::add_class(const std::string& class_name) {
  return edit("class", [&](const LabelSet&) -> Edit {
    return std::vector<Change>{ClassChange{class_name, std::nullopt, ClassDefinition{.name = class_name}}};
  });
}

bool Session::set_class(const std::string& class_name) {
  const std::string id = selected_object_or_say();
  return !id.empty() && edit("class", [&](const LabelSet& labels) { return set_object_class(labels, id, class_name); });
}

bool Session::set_class_from(TimestampNs from, const std::string& class_name) {
  const std::string id = selected_object_or_say();
  return !id.empty() &&
         edit("class", [&](const LabelSet& labels) { return set_object_class_from(labels, id, from, class_name); });
}

bool Session::set_attribute(const std::string& name, const std::string& value) {
  const std::string id = selected_object_or_say();
  return !id.empty() &&
         edit("attribute", [&](const LabelSet& labels) { return set_object_attribute(labels, id, name, value); });
}

bool Session::set_attribute_here(const std::string& name, const std::string& value) {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  const auto now = document_.at(*selected_track(), time());
  if (!now) {
    say(track->id + " is not there in this frame");
    return false;
  }
  const std::string id = track->id;
  const TimestampNs here = time();
  const std::function<Edit(const LabelSet&)> steps[] = {
      [&](const LabelSet& labels) { return set_keyframe(labels, id, here, now->cuboid); },
      [&](const LabelSet& labels) { return set_attribute_from(labels, id, here, name, value); }};
  const bool is_keyframe = document_.keyframe_at(*selected_track(), here) != nullptr;
  return edit("attribute", std::span(steps).subspan(is_keyframe ? 1 : 0));
}

bool Session::flip_heading(bool whole_track) {
  const Track* track = selected_or_say();
  if (track == nullptr) return false;
  if (!whole_track) {
    const auto now = selected_now();
    return now && set_cuboid(editor::flip_heading(now->cuboid), "heading");
  }
  const Track copy = *track;
  std::vector<std::function<Edit(const LabelSet&)>> steps;
  for (const Keyframe& k : copy.keyframes)
    steps.emplace_back([&](const LabelSet& labels) {
      return editor::set_keyframe(labels, copy.id, k.timestamp, editor::flip_heading(k.cuboid));
    });
  return edit("heading", steps);
}

bool Session::is_reviewed(const Track& track) const {
  return track.attributes.contains(std::string(reviewed_attribute));
}

bool Session::set_reviewed(bool reviewed) {
  return selected_or_say() != nullptr &&
         set_attribute(std::string(reviewed_attribute), reviewed ? author_ : std::string());
}

bool Session::go_to_unreviewed() {
  const auto& tracks = document_.labels().tracks;
  const std::size_t start = selected_track() ? *selected_track() + 1 : 0;
  for (std::size_t k = 0; k < tracks.size(); ++k) {
    const Track& track = tracks[(start + k) % tracks.size()];
    if (is_reviewed(track) || track.keyframes.empty()) continue;
    select(track.id);
    if (!selected_now()) {
      const auto found =
          std::ranges::lower_bound(scene_->frames, track.keyframes.front().timestamp, {}, &Frame::timestamp);
      if (found != scene_->frames.end()) go_to(found - scene_->frames.begin());
    }
    return true;
  }
  say("All objects are reviewed");
  return false;
}

}  // namespace sweepmark::editor
