// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/comments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

namespace sweepmark::editor {
namespace {

const ReviewComment* find_comment(const LabelSet& labels, std::string_view id) {
  const auto found = std::ranges::find(labels.comments, id, &ReviewComment::id);
  return found == labels.comments.end() ? nullptr : &*found;
}

/// What a comment answers in the end; itself where that is not there, or answers go round in a circle.
const ReviewComment* first_of(const LabelSet& labels, const ReviewComment& comment) {
  const ReviewComment* at = &comment;
  for (std::size_t step = 0; step <= labels.comments.size(); ++step) {
    const ReviewComment* before = at->reply_to.empty() ? nullptr : find_comment(labels, at->reply_to);
    if (before == nullptr) return at;
    at = before;
  }
  return &comment;
}

std::string unused_comment_id(const LabelSet& labels) {
  std::size_t largest = 0;
  for (const ReviewComment& comment : labels.comments) {
    std::size_t number = 0;
    const char* end = comment.id.data() + comment.id.size();
    const auto parsed = std::from_chars(comment.id.data(), end, number);
    if (parsed.ec == std::errc{} && parsed.ptr == end && number < SIZE_MAX) largest = std::max(largest, number);
  }
  return std::to_string(largest + 1);
}

Error not_there(std::string_view id) { return Error{fmt::format("there is no comment {}", id)}; }

}  // namespace

std::vector<CommentThread> comment_threads(const LabelSet& labels) {
  std::vector<CommentThread> threads;
  for (const ReviewComment& comment : labels.comments)
    if (first_of(labels, comment) == &comment) threads.push_back({&comment, {}});
  for (const ReviewComment& comment : labels.comments) {
    const ReviewComment* first = first_of(labels, comment);
    if (first != &comment) std::ranges::find(threads, first, &CommentThread::first)->answers.push_back(&comment);
  }
  for (CommentThread& thread : threads)
    std::ranges::stable_sort(thread.answers, {}, [](const ReviewComment* answer) { return answer->written; });
  std::ranges::stable_sort(threads, {}, [](const CommentThread& thread) {
    const ReviewComment& c = *thread.first;
    return std::tuple(c.is_resolved, c.about.value_or(INT64_MIN), c.written);
  });
  return threads;
}

std::size_t open_comments(const LabelSet& labels) {
  return static_cast<std::size_t>(std::ranges::count_if(labels.comments, [&](const ReviewComment& comment) {
    return !comment.is_resolved && first_of(labels, comment) == &comment;
  }));
}

Edit add_comment(const LabelSet& labels, ReviewComment comment) {
  if (comment.text.find_first_not_of(" \t\r\n") == std::string::npos) return Error{"a comment needs a text"};
  if (!comment.reply_to.empty() && find_comment(labels, comment.reply_to) == nullptr)
    return not_there(comment.reply_to);
  comment.id = unused_comment_id(labels);
  std::string id = comment.id;
  return std::vector<Change>{CommentChange{std::move(id), std::nullopt, std::move(comment)}};
}

Edit set_comment_resolved(const LabelSet& labels, std::string_view id, bool is_resolved) {
  const ReviewComment* comment = find_comment(labels, id);
  if (comment == nullptr) return not_there(id);
  if (comment->is_resolved == is_resolved) return std::vector<Change>{};
  ReviewComment after = *comment;
  after.is_resolved = is_resolved;
  return std::vector<Change>{CommentChange{std::string(id), *comment, std::move(after)}};
}

Edit remove_comment(const LabelSet& labels, std::string_view id) {
  const ReviewComment* comment = find_comment(labels, id);
  if (comment == nullptr) return not_there(id);
  std::vector<Change> changes;
  for (const ReviewComment& other : labels.comments) {
    const bool is_answer = first_of(labels, *comment) == comment && first_of(labels, other) == comment;
    if (&other == comment || is_answer) changes.emplace_back(CommentChange{other.id, other, std::nullopt});
  }
  return changes;
}

}  // namespace sweepmark::editor
