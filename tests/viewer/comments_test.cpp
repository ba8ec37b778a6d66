// SPDX-License-Identifier: Apache-2.0
//
// Comments of reviewers as edits and as threads.
#include "viewer/editor/comments.h"

#include <gtest/gtest.h>

namespace sweepmark::editor {
namespace {

ReviewComment comment_of(const char* id, const char* text, const char* reply_to = "") {
  ReviewComment comment;
  comment.id = id;
  comment.text = text;
  comment.reply_to = reply_to;
  return comment;
}

struct Comments : testing::Test {
  LabelSet labels;

  bool apply(const Edit& edit) {
    EXPECT_TRUE(edit) << (edit ? "" : edit.error().message);
    return edit && apply_changes(labels, *edit);
  }
  /// \return its id
  std::string add(const std::string& text, TimestampNs about, const std::string& reply_to = {}) {
    ReviewComment comment;
    comment.author = "ann";
    comment.written = static_cast<TimestampNs>(labels.comments.size());
    comment.text = text;
    comment.about = about;
    comment.reply_to = reply_to;
    EXPECT_TRUE(apply(add_comment(labels, comment)));
    return labels.comments.back().id;
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const CommentThread& thread : comment_threads(labels)) {
      all.push_back(thread.first->text);
      for (const ReviewComment* answer : thread.answers) all.push_back("> " + answer->text);
    }
    return all;
  }
};

TEST_F(Comments, OpenOnesComeFirstByFrameWithTheirAnswersBelow) {
  const std::string late = add("late", 50), early = add("early", 10), solved = add("solved", 1);
  add("yes", 50, late);
  add("no", 50, late);
  EXPECT_TRUE(apply(set_comment_resolved(labels, solved, true)));
  EXPECT_EQ(texts(), (std::vector<std::string>{"early", "late", "> yes", "> no", "solved"}));
  EXPECT_EQ(open_comments(labels), 2U);
  EXPECT_TRUE(apply(set_comment_resolved(labels, solved, false)));
  EXPECT_EQ(texts().front(), "solved");
  EXPECT_EQ(open_comments(labels), 3U);
}

TEST_F(Comments, ADeletedOneTakesItsAnswersWithIt) {
  const std::string first = add("first", 5), other = add("other", 5);
  const std::string answer = add("answer", 5, first);
  add("to the answer", 5, answer);
  EXPECT_EQ(texts(), (std::vector<std::string>{"first", "> answer", "> to the answer", "other"}));
  EXPECT_TRUE(apply(remove_comment(labels, first)));
  EXPECT_EQ(texts(), (std::vector<std::string>{"other"}));
}

TEST_F(Comments, AnAnswerToWhatIsNotThereAndCirclesAreCommentsOfTheirOwn) {
  labels.comments.push_back(comment_of("a", "lost", "gone"));
  labels.comments.push_back(comment_of("b", "round", "c"));
  labels.comments.push_back(comment_of("c", "and round", "b"));
  EXPECT_EQ(comment_threads(labels).size(), 3U);
  EXPECT_TRUE(apply(remove_comment(labels, "b")));
  EXPECT_EQ(labels.comments.size(), 2U);
}

TEST_F(Comments, WithoutATextOrATargetThereIsNone) {
  EXPECT_FALSE(add_comment(labels, comment_of("", " \n")));
  EXPECT_FALSE(add_comment(labels, comment_of("", "yes", "7")));
  EXPECT_FALSE(set_comment_resolved(labels, "7", true));
  EXPECT_FALSE(remove_comment(labels, "7"));
}

TEST_F(Comments, IdsGoOnFromTheLargestNumber) {
  labels.comments.push_back(comment_of("12", "of a file"));
  labels.comments.push_back(comment_of("x", "of another"));
  EXPECT_EQ(add("new", 0), "13");
}

}  // namespace
}  // namespace sweepmark::editor
