// SPDX-License-Identifier: Apache-2.0
#include "data/formats/numbered_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/write_labels.h"
#include "tests/data/files.h"

namespace sweepmark::testing_support {
namespace {

using Names = std::vector<std::string>;
constexpr TimestampNs period = 100'000'000;

TEST(NumberedNames, RunsOfDigitsAreOrderedAsNumbers) {
  Names names = {"frame_10",
                 "frame_2",
                 "frame_1",
                 "b",
                 "10",
                 "9",
                 "010",
                 "a12b3",
                 "a12b20",
                 "a2b100",
                 "99999999999999999999998",
                 "99999999999999999999997",
                 "frame_",
                 "frame"};
  std::ranges::sort(names, natural_less);
  EXPECT_EQ(names, (Names{"9", "010", "10", "99999999999999999999997", "99999999999999999999998", "a2b100", "a12b3",
                          "a12b20", "b", "frame", "frame_", "frame_1", "frame_2", "frame_10"}));
  for (const std::string& a : names) {
    EXPECT_FALSE(natural_less(a, a));
    for (const std::string& b : names) EXPECT_FALSE(natural_less(a, b) && natural_less(b, a)) << a << " " << b;
  }
}

TEST(NumberedNames, ASetThinnedFromARecordingKeepsItsDistances) {
  // SUSTechPOINTS' own example.
  const NameTimes thinned = times_of_names(Names{"000950", "000965", "000970", "000975"});
  EXPECT_EQ(thinned.times, (std::vector<TimestampNs>{0, 15 * period, 20 * period, 25 * period}));
  EXPECT_NE(thinned.note.find("gaps"), std::string::npos);
  const NameTimes dense = times_of_names(Names{"a_7.x", "a_8.x", "a_9.x"});
  EXPECT_EQ(dense.times, (std::vector<TimestampNs>{0, period, 2 * period}));
  EXPECT_EQ(dense.note.find("gaps"), std::string::npos);
}

TEST(NumberedNames, ANumberThatIsTheSameInAllNamesIsNoNumberOfAFrame) {
  const std::vector<TimestampNs> thinned = {0, 4 * period, 9 * period};
  EXPECT_EQ(times_of_names(Names{"1_lidar0", "5_lidar0", "10_lidar0"}).times, thinned);
  EXPECT_EQ(times_of_names(Names{"run2_1_v3", "run2_5_v3", "run2_10_v3"}).times, thinned);
  const std::vector<TimestampNs> even = {0, period, 2 * period};
  EXPECT_EQ(times_of_names(Names{"1_lidar0", "5_lidar1", "10_lidar0"}).times, even) << "two numbers differ";
  EXPECT_EQ(times_of_names(Names{"1_a2", "5_b2", "10_c2"}).times, even) << "more than a number differs";
  EXPECT_EQ(times_of_names(Names{"1557539956.1", "1557539956.5", "1557539956.9"}).times, even) << "decimals of a time";
}

TEST(NumberedNames, AFrameRateGivesTimesInProportion) {
  const NameTimes times = times_of_names(Names{"000950", "000965", "000966"}, 30);
  EXPECT_EQ(times.times, (std::vector<TimestampNs>{0, 500'000'000, 533'333'333}));
  expect_words(times.note, {"gaps", "--frame-rate 30"});
  const TemporaryFolder folder;
  for (const int number : {1, 2, 10})
    write_content(folder.path() / fmt::format("clouds/{}_lidar0.bin", number), std::string(16, '\0'));
  auto handle = find_scenes(folder.path() / "clouds")->front();
  handle.frame_rate = 20;
  EXPECT_EQ(open_scene(handle)->sweeps[2].timestamp, 450'000'000);
  write_content(folder.path() / "mot/gt/gt.txt", "1,1,10,20,30,40,1,1,1\n3,1,10,20,30,40,1,1,1\n");
  handle = find_scenes(folder.path() / "mot")->front();
  handle.frame_rate = 4;
  EXPECT_EQ(open_scene(handle)->frames.back().timestamp, 500'000'000);
  write_content(folder.path() / "mot/seqinfo.ini", "[Sequence]\nframeRate=25\n");
  const auto twice = open_scene(handle);
  ASSERT_FALSE(twice);
  expect_words(twice.error().message, {"--frame-rate 4", "25", "seqinfo.ini"});
  handle.format = Format::kitti_tracking;
  const auto timed = open_scene(handle);
  ASSERT_FALSE(timed);
  expect_words(timed.error().message, {"--frame-rate", "kitti_tracking", "have times"});
}

TEST(NumberedNames, NamesThatAreNoNumbersOfFramesAreEvenlySpaced) {
  const std::vector<TimestampNs> even = {0, period, 2 * period};
  EXPECT_EQ(times_of_names(Names{"a", "b", "c"}).times, even);
  EXPECT_EQ(times_of_names(Names{"a_1", "b_5", "c_9"}).times, even) << "of different recordings";
  EXPECT_EQ(times_of_names(Names{"1557539956500022", "1557539956600022", "1557539956700022"}).times, even)
      << "times, not numbers of frames";
  EXPECT_TRUE(times_of_names({}).times.empty());
}

TEST(NumberedNames, CloudsInAFolderAreInThatOrder) {
  const TemporaryFolder folder;
  for (const int number : {10, 2, 1})
    write_content(folder.path() / fmt::format("frame_{}.bin", number), std::string(16, '\0'));
  const Scene scene = scene_at(folder.path());
  ASSERT_EQ(scene.sweeps.size(), 3U);
  EXPECT_EQ(scene.sweeps[1].file.stem(), "frame_2");
  EXPECT_EQ(scene.sweeps[1].timestamp, period);
  EXPECT_EQ(scene.sweeps[2].timestamp, 9 * period);
  EXPECT_TRUE(scene.has_assumed_times);
}

TEST(NumberedNames, LabelsOfAThinnedSetAreAtTheTimesOfTheirFramesAndGoHomeAsTheyWere) {
  const TemporaryFolder folder;
  const auto label = [](int x) {
    return fmt::format(R"([{{"obj_id":"1","obj_type":"Car","psr":{{"position":{{"x":{},"y":0,"z":0}},)"
                       R"("rotation":{{"x":0,"y":0,"z":0}},"scale":{{"x":4,"y":2,"z":1}}}}}}])",
                       x);
  };
  const std::filesystem::path set = folder.path() / "set";
  for (const int number : {950, 965, 970, 975}) {
    write_content(set / fmt::format("lidar/{:06}.bin", number), std::string(16, '\0'));
    write_content(set / fmt::format("label/{:06}.json", number), label(number));
  }
  const Scene scene = scene_at(set);
  ASSERT_EQ(scene.labels.tracks.size(), 1U);
  std::vector<TimestampNs> times;
  for (const Keyframe& k : scene.labels.tracks[0].keyframes) times.push_back(k.timestamp);
  EXPECT_EQ(times, (std::vector<TimestampNs>{0, 15 * period, 20 * period, 25 * period}));
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::sustechpoints, folder.path() / "out"));
  for (const int number : {950, 965, 970, 975})
    EXPECT_EQ(content_of(folder.path() / fmt::format("out/label/{:06}.json", number)), label(number));
}

TEST(NumberedNames, ImagesOfYoloAreInThatOrder) {
  const TemporaryFolder folder;
  write_content(folder.path() / "data.yaml", "names: [car]\n");
  write_content(folder.path() / "image_sizes.csv", "name,width,height\nframe_1,20,10\nframe_2,20,10\nframe_10,20,10\n");
  for (const int number : {10, 2, 1})
    write_content(folder.path() / fmt::format("labels/frame_{}.txt", number), "0 0.5 0.5 0.2 0.2\n");
  const Scene scene = scene_at(folder.path());
  ASSERT_EQ(scene.images.size(), 3U);
  EXPECT_EQ(scene.images[1].file.stem(), "frame_2");
}

TEST(NumberedNames, AFileThatIsNearlyOfAFormatGetsThatFormatsError) {
  const TemporaryFolder folder;
  write_content(folder.path() / "gt/gt.txt", "0,1,10,10,20,30,1,1,1\n1,1,11,10,20,30,1,1,1\n");
  expect_words(problem_at(folder.path()), {"gt.txt, line 1", "expected a frame from 1"});
}

}  // namespace
}  // namespace sweepmark::testing_support
