// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "geometry/mask_convert.h"
#include "tracking/evaluate_image.h"
#include "tracking/provenance.h"

namespace sweepmark {
namespace {

ImageValue box(double left) { return {.box = ImageBox{left, 0, left + 10, 5}}; }
ImageValue block(std::uint32_t left) {
  return {.mask = to_mask({{{{{left + 0.0, 2}, {left + 4.0, 2}, {left + 4.0, 6}, {left + 0.0, 6}}}}}, 40, 10)};
}
ImageTrack track(std::vector<ImageKeyframe> keyframes) {
  return {.camera = "front", .id = "1", .class_name = "car", .keyframes = std::move(keyframes)};
}

TEST(ImageTrack, IsInterpolatedByTimestampNotByPlaceInTheList) {
  const ImageTrack t = track({{.timestamp = 1'532'402'927'647'951'000, .value = box(0)},
                              {.timestamp = 1'532'402'927'647'951'010, .value = box(100)},
                              {.timestamp = 1'532'402'927'647'951'110, .value = box(0)}});
  EXPECT_EQ(evaluate(t, 1'532'402'927'647'951'003)->value.box->left, 30);
  EXPECT_EQ(evaluate(t, 1'532'402'927'647'951'060)->value.box->left, 50);
}

TEST(ImageTrack, KeyframesComeBackBitForBitAndNothingIsBeforeOrAfter) {
  const ImageTrack t = track({{.timestamp = 10, .value = box(0.1)}, {.timestamp = 20, .value = box(-0.0)}});
  EXPECT_TRUE(evaluate(t, 10)->is_keyframe);
  EXPECT_EQ(evaluate(t, 10)->value, box(0.1));
  EXPECT_TRUE(std::signbit(evaluate(t, 20)->value.box->left));
  EXPECT_FALSE(evaluate(t, 15)->is_keyframe);
  EXPECT_FALSE(evaluate(t, 9));
  EXPECT_FALSE(evaluate(t, 21));
}

TEST(ImageTrack, IsAbsentInASpanButAtItsKeyframes) {
  ImageTrack t =
      track({{.timestamp = 0, .value = box(0)}, {.timestamp = 4, .value = box(4)}, {.timestamp = 8, .value = box(8)}});
  t.absences = {{3, 5}};
  EXPECT_TRUE(evaluate(t, 2));
  EXPECT_FALSE(evaluate(t, 3));
  EXPECT_TRUE(evaluate(t, 4));
  EXPECT_FALSE(evaluate(t, 5));
  EXPECT_TRUE(evaluate(t, 6));
}

TEST(ImageTrack, EachKindLiesBetweenTheKeyframesThatHaveIt) {
  ImageValue both = box(0);
  both.mask = block(0).mask;
  const ImageTrack t = track(
      {{.timestamp = 0, .value = both}, {.timestamp = 10, .value = block(20)}, {.timestamp = 20, .value = box(5)}});
  const auto middle = evaluate(t, 5);
  EXPECT_FALSE(middle->value.box);
  EXPECT_EQ(*middle->value.mask, *block(10).mask);
  EXPECT_FALSE(evaluate(t, 15)) << "no kind is at both ends";
  const std::vector<TimestampNs> times = {0, 1, 5, 10, 15, 20, 30};
  const auto states = evaluate(t, times);
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto alone = evaluate(t, times[i]);
    ASSERT_EQ(states[i].has_value(), alone.has_value()) << times[i];
    if (alone) {
      EXPECT_EQ(states[i]->value, alone->value) << times[i];
    }
  }
}

TEST(Provenance, IsKeptAmongAttributesAndSaysNothingWhereNothingIsKnown) {
  Attributes attributes = {{"colour", "red"}};
  const Provenance made{std::string(provenance::propagated), "optical flow", 0.1};
  set_provenance(attributes, made);
  EXPECT_EQ(provenance_of(attributes), made);
  EXPECT_EQ(attributes.at("score"), "0.1");
  set_provenance(attributes, {});
  EXPECT_EQ(attributes, (Attributes{{"colour", "red"}}));
  EXPECT_EQ(provenance_of({{"score", "high"}}), Provenance{});
}

}  // namespace
}  // namespace sweepmark
