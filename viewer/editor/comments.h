// SPDX-License-Identifier: Apache-2.0
//
// What reviewers say about labels (data/review_comment.h), as edits and as threads. As commands.h: each reads only its
// arguments.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "viewer/editor/commands.h"

namespace sweepmark::editor {

/// A comment and what was answered to it, the oldest answer first. Pointers are into the labels.
struct CommentThread {
  const ReviewComment* first = nullptr;
  std::vector<const ReviewComment*> answers;
};
/// The open ones first, each half by the frame that it is about, then as written. An answer to what is not there is a
/// comment of its own.
std::vector<CommentThread> comment_threads(const LabelSet& labels);
std::size_t open_comments(const LabelSet& labels);

/// \param comment  its id is given here Errors: no text; an answer to no comment that is there.
Edit add_comment(const LabelSet& labels, ReviewComment comment);
/// Error: no such comment.
Edit set_comment_resolved(const LabelSet& labels, std::string_view id, bool is_resolved);
/// With its answers. Error: no such comment.
Edit remove_comment(const LabelSet& labels, std::string_view id);

}  // namespace sweepmark::editor
