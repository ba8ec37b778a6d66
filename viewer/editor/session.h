// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "data/scene.h"
#include "tracking/class_at.h"
#include "tracking/review.h"
#include "viewer/editor/commands.h"
#include "viewer/editor/document.h"

namespace sweepmark::editor {

/// The frame whose time is nearest: the earlier of two. \pre the scene has frames
std::size_t frame_nearest(const Scene& scene, TimestampNs time);

/// What an annotator is at: a scene, its document, the frame, the selected object, and the cuboid under the mouse.
/// Every edit is one step of undo and durable when the call returns. What cannot be done says why in `message`.
/// Not for several threads at once.
class Session {
 public:
  /// \param author  noted with every edit  \param now  UTC, nanoseconds: the session reads no clock itself
  Session(std::shared_ptr<const Scene> scene, Document document, std::string author, std::function<TimestampNs()> now);

  const Scene& scene() const { return *scene_; }
  const std::string& author() const { return author_; }
  TimestampNs now() const { return now_(); }  ///< UTC, nanoseconds
  const Document& document() const { return document_; }
  /// The scene with the labels as they are now: what is exported.
  Scene edited_scene() const;
  /// Of the last call that could not do what was asked, or that tells what it did. Cleared by `say({})`.
  const std::string& message() const { return message_; }
  bool message_is_error() const { return message_is_error_; }
  void say(std::string message, bool is_error = false);

  // Frames
  std::size_t frame() const { return frame_; }
  std::size_t frame_count() const { return scene_->frames.size(); }
  TimestampNs time() const { return scene_->frames[frame_].timestamp; }
  /// Held within the scene. Ends a drag without an edit.
  void go_to(std::int64_t frame);
  /// The frame of the keyframe before or after this one that a person set. \param direction  -1 or 1
  bool go_to_keyframe(int direction);
  /// The frame in which a keyframe of the selected track helps most (tracking/suggest.h).
  bool go_to_suggestion();

  // What is there
  /// All objects of this frame with the dragged one as it is now; hidden ones are left out.
  std::vector<ShownCuboid> shown() const;
  const Track& track(const ShownCuboid& object) const { return document_.labels().tracks[object.track]; }
  void hide_class(const std::string& class_name, bool hidden);
  bool is_hidden(const std::string& class_name) const { return hidden_classes_.contains(class_name); }

  // Selection
  const std::string& selected() const { return selected_; }  ///< a track's id; empty: none
  std::optional<std::size_t> selected_track() const;
  void select(std::string track);
  /// The next object of this frame in the order of ids (track_order.h), around the end. \param direction  -1 or 1
  void select_next(int direction);
  /// The selected object in this frame, as it is dragged right now.
  std::optional<ShownCuboid> selected_now() const;
  /// Where the selected object is, or where it was last or will be first.
  std::optional<Cuboid> selected_or_nearest() const;

  // Dragging: seen at once, an edit when it ends.
  void drag(const Cuboid& cuboid);
  bool is_dragging() const { return dragged_.has_value(); }
  bool end_drag(std::string_view tool);
  void cancel_drag() { dragged_.reset(); }

  // Edits of the selected track. \return whether something changed
  bool set_cuboid(const Cuboid& cuboid, std::string_view tool);
  bool create(const Cuboid& cuboid, const std::string& class_name, std::string_view tool);
  /// Sets a keyframe or takes it away; one that a program set is confirmed instead.
  bool toggle_keyframe();
  /// Takes what the refiner made of a track, selected or not, and says where it is least sure.
  /// \param summary  to say instead; may be empty
  bool put_refined(const Track& refined, const std::string& summary = {});
  bool drop_computed();
  bool toggle_absence();
  bool copy_to_frame(std::int64_t frame);
  bool make_static();
  /// On: every keyframe takes the present size, and so from now on when one is resized.
  bool set_size_lock(bool locked);
  bool has_size_lock() const;
  bool merge_with(const std::string& other);
  bool split();
  /// Of an object, in this frame.
  template <class AnyTrack>
  const std::string& class_of(const AnyTrack& track) const {
    return class_at(track, time());
  }
  /// A class that no object has yet: part of the ontology of the labels.
  bool add_class(const std::string& class_name);
  /// From this frame on, up to the keyframe that says something else; makes a keyframe here where there is none.
  bool set_attribute_here(const std::string& name, const std::string& value);
  bool flip_heading(bool whole_track);

  // Edits of the selected object, in 3D and in every camera. \return whether something changed
  bool remove();                              ///< one that has cuboids
  bool remove_object(const std::string& id);  ///< any, selected or not
  bool rename(const std::string& new_id);
  bool set_class(const std::string& class_name);
  /// From then on, to the end of its tracks.
  bool set_class_from(TimestampNs from, const std::string& class_name);
  /// At all times; an empty value takes it away.
  bool set_attribute(const std::string& name, const std::string& value);

  bool undo();
  bool redo();

  // Review: an attribute of the track, so that it is in every export.
  static constexpr std::string_view reviewed_attribute = review::reviewed;
  bool is_reviewed(const Track& track) const;
  bool set_reviewed(bool reviewed);
  /// Selects the next track that is not reviewed and goes to where it is. \return false when there is none
  bool go_to_unreviewed();

  /// Any commands as one edit: each sees what those before it did.
  bool edit(std::string_view tool, std::span<const std::function<Edit(const LabelSet&)>> steps);
  bool edit(std::string_view tool, const std::function<Edit(const LabelSet&)>& step);

  /// Why the last edit is not on disk; nothing after one that is. An edit that could not be written has not happened.
  const std::optional<std::string>& write_failure() const { return write_failure_; }
  /// When the last edit was acknowledged as durable: its number since the session began.
  std::uint64_t edits() const { return edits_; }

 private:
  const Track* selected_or_say();
  /// Empty when nothing is selected, which is said.
  std::string selected_object_or_say();
  bool fail(const Error& error);
  /// Selects what was changed and goes to where it shows. \return in words: "car-1 in frame 12"
  std::string show_changes(std::span<const Change> changes);
  bool take_history(const Result<std::optional<std::vector<Change>>>& done, std::string_view what,
                    std::string_view nothing);
  EditBy by(std::string_view tool) const;

  std::shared_ptr<const Scene> scene_;
  Document document_;
  std::string author_;
  std::function<TimestampNs()> now_;
  std::size_t frame_ = 0;
  std::string selected_;
  std::optional<Cuboid> dragged_;  ///< frame world
  std::set<std::string> hidden_classes_;
  std::set<std::string> unlocked_;  ///< tracks whose size may differ from frame to frame, though it does not yet
  std::optional<std::string> write_failure_;
  std::string message_;
  bool message_is_error_ = false;
  std::uint64_t edits_ = 0;
};

}  // namespace sweepmark::editor
