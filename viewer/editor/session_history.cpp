// SPDX-License-Identifier: Apache-2.0
//
// Undo and redo as a person sees them: what changed is selected, gone to, and said.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "viewer/editor/session.h"

namespace sweepmark::editor {

std::string Session::show_changes(std::span<const Change> changes) {
  std::set<std::string> tracks;
  std::set<TimestampNs> times;
  for (const Change& change : changes) {
    const RowName row = row_of(change);
    const bool is_keyframe =
        std::holds_alternative<KeyframeChange>(change) || std::holds_alternative<ImageKeyframeChange>(change);
    if (is_keyframe || std::holds_alternative<TrackChange>(change) || std::holds_alternative<ImageTrackChange>(change))
      tracks.insert(row.id);
    if (is_keyframe) times.insert(*row.time);
  }
  if (tracks.empty()) return "";
  // A track that is joined or renamed is two in the changes: what is there now is shown.
  const auto& in_images = document_.labels().image_tracks;
  const auto there = std::ranges::find_if(tracks, [&](const std::string& id) {
    return document_.find(id).has_value() || std::ranges::find(in_images, id, &ImageTrack::id) != in_images.end();
  });
  select(there == tracks.end() ? std::string() : *there);
  const std::string& name = there == tracks.end() ? *tracks.begin() : *there;
  if (there == tracks.end()) return name + ", which is gone";
  if (times.empty()) return name;
  // A keyframe in an image has the image's own time.
  const auto shows = [&](const Frame& frame) {
    return times.contains(frame.timestamp) || std::ranges::any_of(frame.images, [&](std::uint32_t image) {
             return times.contains(scene_->images[image].timestamp);
           });
  };
  if (!shows(scene_->frames[frame_])) {
    auto frame = std::ranges::find_if(scene_->frames, shows);
    if (frame == scene_->frames.end())
      frame = std::ranges::lower_bound(scene_->frames, *times.begin(), {}, &Frame::timestamp);
    go_to(std::min(frame - scene_->frames.begin(), static_cast<std::ptrdiff_t>(frame_count()) - 1));
  }
  return times.size() == 1 ? fmt::format("{} in frame {}", name, frame_)
                           : fmt::format("{} in {} frames", name, times.size());
}

bool Session::take_history(const Result<std::optional<std::vector<Change>>>& done, std::string_view what,
                           std::string_view nothing) {
  if (!done) {
    write_failure_ = done.error().message;
    return fail(done.error());
  }
  if (!*done) {
    say(std::string(nothing));
    return false;
  }
  write_failure_.reset();
  ++edits_;
  const std::string shown = show_changes(**done);
  say(shown.empty() ? std::string(what) : fmt::format("{}: {}", what, shown));
  return true;
}

bool Session::undo() {
  dragged_.reset();
  return take_history(document_.undo(by("undo")), "Undone", "Nothing to undo");
}

bool Session::redo() {
  dragged_.reset();
  return take_history(document_.redo(by("redo")), "Done again", "Nothing to do again");
}

}  // namespace sweepmark::editor
