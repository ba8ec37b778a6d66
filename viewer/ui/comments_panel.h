// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "viewer/editor/comments.h"
#include "viewer/ui/layout.h"
#include "viewer/ui/workspace.h"

namespace sweepmark::ui {

/// Comments of reviewers in a list over the right of the scene: open ones first; a click goes to what one is about.
class CommentsPanel {
 public:
  /// \param scene  what it lies over
  void draw(Workspace& work, const Area& scene);

 private:
  void draw_new(Workspace& work);
  void draw_thread(Workspace& work, const editor::CommentThread& thread);
  bool add(Workspace& work, ReviewComment comment, std::array<char, 1024>& text);

  std::array<char, 1024> text_{}, answer_{};
  std::string answers_;  ///< id of the comment that is being answered
  bool shows_resolved_ = false;
};

}  // namespace sweepmark::ui
