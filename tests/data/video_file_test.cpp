// SPDX-License-Identifier: Apache-2.0
//
// Picture n of a video is the same pixels whichever way it is reached.
#include "data/video/video_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>
#include <random>
#include <thread>

#include "data/video/index_cache.h"
#include "tests/data/files.h"
#include "tests/support/coded_video.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const VideoIndex> index_of(const fs::path& file) {
  auto index = index_video(file);
  EXPECT_TRUE(index) << index.error().message;
  return index ? std::make_shared<const VideoIndex>(*std::move(index)) : nullptr;
}

std::vector<std::size_t> forwards(std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}
std::vector<std::size_t> backwards(std::size_t count) {
  auto order = forwards(count);
  std::ranges::reverse(order);
  return order;
}
/// Each once, by jumps; steps of one and of two in between.
std::vector<std::size_t> at_random(std::size_t count, unsigned seed) {
  auto order = forwards(count);
  std::mt19937 random(seed);
  std::ranges::shuffle(order, random);
  std::vector<std::size_t> all;
  for (const std::size_t n : order)
    for (const std::size_t near : {n, n + 1, n > 2 ? n - 2 : n}) all.push_back(std::min(near, count - 1));
  return all;
}

/// Reads in several orders and compares with decoding from the start, pixel for pixel.
void expect_same_pictures(const fs::path& file, std::size_t cache_bytes = VideoFile::usual_cache_bytes) {
  const auto expected = decode_from_start(file);
  ASSERT_FALSE(expected.empty());
  const auto index = index_of(file);
  ASSERT_NE(index, nullptr);
  ASSERT_EQ(index->shown.size(), expected.size());
  const std::size_t count = expected.size();
  for (const auto& order : {forwards(count), backwards(count), at_random(count, 1), at_random(count, 2)}) {
    VideoFile video(file, index, cache_bytes);
    for (const std::size_t n : order) {
      const auto picture = video.read(n);
      ASSERT_TRUE(picture) << picture.error().message;
      ASSERT_TRUE(picture->rgba == expected[n].picture.rgba) << "picture " << n;
      // In AVI the n-th picture has the n-th time of decoding; FFmpeg guesses a delay before the first, and none at
      // last.
      EXPECT_EQ(index->shown[n].time,
                index->is_by_position ? static_cast<TimestampNs>(n) * 40'000'000 : expected[n].time)
          << "picture " << n;
    }
    EXPECT_LE(video.cached_bytes(), std::max<std::size_t>(cache_bytes, 16'384));
  }
}

struct Kind {
  const char *name, *suffix, *encoder, *options;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }
std::string name_of(const testing::TestParamInfo<Kind>& info) { return info.param.name; }

class EveryKindOfVideo : public testing::TestWithParam<Kind> {
 protected:
  CodedVideo coded() const {
    CodedVideo video;
    video.encoder = GetParam().encoder;
    video.options = GetParam().options;
    if (video.encoder == "mpeg2video") {  // it knows the rates of television alone
      video.ticks_a_second = 25;
      video.time = [](std::size_t i) { return static_cast<std::int64_t>(i); };
    }
    return video;
  }
  fs::path file() const { return folder_.path() / (std::string("a") + GetParam().suffix); }

 private:
  TemporaryFolder folder_;
};

constexpr const char* x264_closed = "preset=ultrafast:bf=3:x264-params=scenecut=0:keyint=12";
constexpr const char* x264_open = "preset=veryfast:bf=3:x264-params=open-gop=1\\:scenecut=0\\:b-pyramid=normal";
INSTANTIATE_TEST_SUITE_P(
    Video, EveryKindOfVideo,
    testing::Values(
        Kind{"H264InMp4", ".mp4", "libx264", "preset=ultrafast:bf=3"},
        Kind{"H264WithOpenGroupsInMp4", ".mp4", "libx264", x264_open},
        Kind{"H264WithOpenGroupsInMkv", ".mkv", "libx264", x264_open},
        Kind{"H264WithOpenGroupsInTransportStream", ".ts", "libx264", x264_open},
        Kind{"H264InAvi", ".avi", "libx264", "preset=ultrafast:bf=3"},
        Kind{"H264OfOneKeyInMov", ".mov", "libx264", "preset=veryfast:bf=8:g=1000"},
        Kind{"HevcWithOpenGroupsInMp4", ".mp4", "libx265",
             "preset=ultrafast:x265-params=open-gop=1\\:bframes=4\\:b-pyramid=1\\:log-level=none\\:pools=1"},
        Kind{"HevcInMkv", ".mkv", "libx265", "preset=ultrafast:x265-params=log-level=none\\:pools=1"},
        Kind{"Mpeg4InMp4", ".mp4", "mpeg4", "bf=2"}, Kind{"Mpeg4InAvi", ".avi", "mpeg4", "bf=2"},
        Kind{"Mpeg4WithoutBInAvi", ".avi", "mpeg4", "bf=0"},
        Kind{"Mpeg2InTransportStream", ".ts", "mpeg2video", "bf=2"},
        Kind{"Vp9InWebm", ".webm", "libvpx-vp9", "deadline=realtime:cpu-used=8:lag-in-frames=10:auto-alt-ref=1"},
        Kind{"Vp8WithHiddenPicturesInWebm", ".webm", "libvpx",
             "deadline=good:cpu-used=4:lag-in-frames=16:auto-alt-ref=1:arnr-maxframes=3"},
        Kind{"Ffv1InMkv", ".mkv", "ffv1", ""}, Kind{"MjpegInAvi", ".avi", "mjpeg", "strict=-1"}),
    name_of);

TEST_P(EveryKindOfVideo, IsTheSameForwardsBackwardsAndAtRandom) {
  write_video(coded(), file());
  if (HasFatalFailure()) return;
  expect_same_pictures(file());
  const auto index = index_of(file());
  VideoFile video(file(), index);
  ASSERT_EQ(index->shown.size(), coded().pictures);
  for (std::size_t n = 0; n < coded().pictures; ++n) EXPECT_EQ(number_in(*video.read(n)), n);
}

TEST_P(EveryKindOfVideo, IsTheSameWithACacheOfOnePicture) {
  write_video(coded(), file());
  if (HasFatalFailure()) return;
  expect_same_pictures(file(), 1);
}

TEST(VideoFile, TimesAreThoseOfTheStreamAtAChangingRate) {
  const TemporaryFolder folder;
  CodedVideo coded;
  coded.ticks_a_second = 90'000;
  coded.time = [](std::size_t i) { return static_cast<std::int64_t>(9'000 + 3'003 * i + (i % 7) * 451); };
  for (const char* name : {"a.mp4", "a.mkv"}) {
    write_video(coded, folder.path() / name);
    if (HasFatalFailure()) return;
    const auto index = index_of(folder.path() / name);
    ASSERT_EQ(index->shown.size(), coded.pictures);
    const bool is_in_milliseconds = std::string_view(name) == "a.mkv";
    for (std::size_t i = 1; i < coded.pictures; ++i) {
      const auto ns = [&](std::size_t n) { return static_cast<double>(coded.time(n)) / 90'000 * 1e9; };
      EXPECT_NEAR(static_cast<double>(index->shown[i].time - index->shown[0].time), ns(i) - ns(0),
                  is_in_milliseconds ? 1e6 : 1)
          << name << " " << i;
    }
    expect_same_pictures(folder.path() / name);
  }
}

TEST(VideoFile, PicturesAreTurnedAsTheFileSays) {
  const TemporaryFolder folder;
  for (const int turned_by : {90, 180, 270}) {
    CodedVideo coded;
    coded.turned_by = turned_by;
    coded.pictures = 5;
    const fs::path file = folder.path() / (std::to_string(turned_by) + ".mp4");
    write_video(coded, file);
    if (HasFatalFailure()) return;
    const auto index = index_of(file);
    EXPECT_EQ(index->width, turned_by == 180 ? 64U : 48U);
    VideoFile video(file, index);
    for (std::size_t n = 0; n < 5; ++n) {
      const auto picture = video.read(n);
      ASSERT_TRUE(picture) << picture.error().message;
      EXPECT_EQ(picture->width, static_cast<int>(index->width));
      EXPECT_EQ(number_in(*picture, turned_by), n) << turned_by;
    }
  }
}

TEST(VideoFile, SeveralThreadsGetThePicturesThatTheyAskFor) {
  const TemporaryFolder folder;
  write_video({}, folder.path() / "a.mp4");
  if (HasFatalFailure()) return;
  VideoFile video(folder.path() / "a.mp4", index_of(folder.path() / "a.mp4"), 20'000);
  std::vector<std::thread> threads;
  std::atomic<std::size_t> wrong = 0;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (const std::size_t n : at_random(40, t)) {
        const auto picture = video.read(n);
        wrong += picture && number_in(*picture) == n ? 0 : 1;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0U);
}

TEST(VideoFile, ANumberThatIsNotThereIsAnErrorThatSaysHowManyAre) {
  const TemporaryFolder folder;
  write_video({}, folder.path() / "a.mp4");
  if (HasFatalFailure()) return;
  VideoFile video(folder.path() / "a.mp4", index_of(folder.path() / "a.mp4"));
  const auto picture = video.read(40);
  ASSERT_FALSE(picture);
  expect_words(picture.error().message, {"picture 40", "has 40", "a.mp4"});
}

/// A file that was cut off plays as far as it can: each picture that it lists is the same however it is reached, those
/// that are whole are the pictures of the whole file, and a note says where it ends.
TEST(VideoFile, AFileThatIsCutOffAnywherePlaysAsFarAsItCan) {
  const TemporaryFolder folder;
  std::mt19937 random(7);
  for (const char* suffix : {".mkv", ".ts", ".avi"}) {
    const fs::path whole = folder.path() / (std::string("whole") + suffix);
    write_video({}, whole);
    if (HasFatalFailure()) return;
    const std::string bytes = content_of(whole);
    for (int i = 0; i < 25; ++i) {
      SCOPED_TRACE(std::string(suffix) + " " + std::to_string(i));
      const fs::path file = folder.path() / (std::string("cut") + suffix);
      const std::size_t length = random() % bytes.size();
      write_content(file, std::string_view(bytes).substr(0, length));
      auto index = index_video(file);
      if (!index) {
        EXPECT_NE(index.error().message.find(file.string()), std::string::npos);
        continue;
      }
      const auto shared = std::make_shared<const VideoIndex>(*std::move(index));
      const std::size_t count = shared->shown.size();
      VideoFile by_jumps(file, shared), in_order(file, shared);
      std::vector<Result<Picture>> found(count, Picture{});
      for (const std::size_t n : at_random(count, static_cast<unsigned>(i))) found[n] = by_jumps.read(n);
      for (std::size_t n = 0; n < count; ++n) {
        const auto picture = in_order.read(n);
        ASSERT_EQ(picture.has_value(), found[n].has_value()) << n << " of " << count;
        if (!picture) continue;
        EXPECT_TRUE(picture->rgba == found[n]->rgba) << n << " of " << count;
        if (n + 5 < count) {
          EXPECT_EQ(number_in(*picture), n) << "of " << count;
        }
      }
      if (suffix != std::string(".ts") && count < 37) {
        ASSERT_FALSE(shared->notes.empty()) << count;
        expect_words(shared->notes[0], {"cut off"});
      }
    }
  }
}

TEST(VideoFile, AnMp4ThatIsCutOffSaysWhereItEndsOrThatItWasNeverFinished) {
  const TemporaryFolder folder;
  CodedVideo coded;
  write_video(coded, folder.path() / "a.mp4");
  if (HasFatalFailure()) return;
  const std::string bytes = content_of(folder.path() / "a.mp4");
  write_content(folder.path() / "headless.mp4", std::string_view(bytes).substr(0, bytes.size() / 2));
  const auto headless = index_video(folder.path() / "headless.mp4");
  ASSERT_FALSE(headless);
  expect_words(headless.error().message, {"moov", "cut off", "headless.mp4"});
  // The table first, as for the web: then what is there of the pictures can be seen.
  const std::size_t table = bytes.find("moov") - 4, pictures = bytes.find("mdat") - 4;
  ASSERT_GT(table, pictures);
  std::string fast = bytes.substr(0, pictures) + bytes.substr(table);
  const auto moved = static_cast<std::uint32_t>(bytes.size() - table);
  const std::size_t chunks = fast.find("stco");
  ASSERT_NE(chunks, std::string::npos);
  const auto word = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t k = 0; k < 4; ++k) value = value << 8U | static_cast<unsigned char>(fast[at + k]);
    return value;
  };
  for (std::size_t i = 0; i < word(chunks + 8); ++i) {
    const std::uint32_t place = word(chunks + 12 + 4 * i) + moved;
    for (std::size_t k = 0; k < 4; ++k) fast[chunks + 12 + 4 * i + k] = static_cast<char>(place >> (24 - 8 * k));
  }
  const std::string all = fast + bytes.substr(pictures, table - pictures);
  write_content(folder.path() / "fast.mp4", all);
  expect_same_pictures(folder.path() / "fast.mp4");
  write_content(folder.path() / "cut.mp4", std::string_view(all).substr(0, all.size() - (table - pictures) / 2));
  const auto cut = index_of(folder.path() / "cut.mp4");
  ASSERT_NE(cut, nullptr);
  EXPECT_LT(cut->shown.size(), 35U);
  EXPECT_GT(cut->shown.size(), 5U);
  ASSERT_EQ(cut->notes.size(), 1U);
  expect_words(cut->notes[0], {"cut off", "behind picture " + std::to_string(cut->shown.size() - 1), "names 40"});
  VideoFile video(folder.path() / "cut.mp4", cut);
  for (std::size_t n = 0; n + 5 < cut->shown.size(); ++n) EXPECT_EQ(number_in(*video.read(n)), n);
}

TEST(VideoFile, DamageInTheMiddleIsTheSameDamageFromEverySide) {
  const TemporaryFolder folder;
  std::mt19937 random(11);
  const std::pair<const char*, const char*> kinds[] = {
      {"libx264", "preset=ultrafast:bf=3"},
      {"libx264", x264_open},
      {"libx265", "preset=ultrafast:x265-params=open-gop=1\\:bframes=4\\:log-level=none\\:pools=1"},
      {"libvpx-vp9", "deadline=realtime:cpu-used=8"},
      {"mpeg4", "bf=2"}};
  for (const auto& [encoder, options] : kinds) {
    SCOPED_TRACE(encoder);
    CodedVideo coded;
    coded.encoder = encoder;
    coded.options = options;
    coded.pictures = 60;
    write_video(coded, folder.path() / "a.mkv");
    if (HasFatalFailure()) return;
    const std::string bytes = content_of(folder.path() / "a.mkv");
    for (int i = 0; i < 8; ++i) {
      std::string damaged = bytes;
      const std::size_t at = 1'000 + random() % (bytes.size() - 1'200);
      for (std::size_t k = 0; k < 60; ++k) damaged[at + k] = static_cast<char>(random());
      const fs::path file = folder.path() / "damaged.mkv";
      write_content(file, damaged);
      auto index = index_video(file);
      if (!index) continue;
      const auto shared = std::make_shared<const VideoIndex>(*std::move(index));
      VideoFile by_jumps(file, shared), in_order(file, shared), back(file, shared, 1);
      const std::size_t count = shared->shown.size();
      std::vector<Result<Picture>> found(count, Picture{});
      for (const std::size_t n : at_random(count, static_cast<unsigned>(i))) found[n] = by_jumps.read(n);
      const auto expect_same = [&](VideoFile& video, std::size_t n) {
        const auto picture = video.read(n);
        ASSERT_EQ(picture.has_value(), found[n].has_value()) << i << ": " << n << " of " << count;
        if (picture) {
          EXPECT_TRUE(picture->rgba == found[n]->rgba) << i << ": " << n << " of " << count;
        }
      };
      for (const std::size_t n : forwards(count)) expect_same(in_order, n);
      for (const std::size_t n : backwards(count)) expect_same(back, n);
    }
  }
}

TEST(VideoFile, WhatIsNoVideoIsSaidInOneSentence) {
  const TemporaryFolder folder;
  const auto problem = [&](const char* name) {
    const auto index = index_video(folder.path() / name);
    return index ? std::string() : index.error().message;
  };
  write_content(folder.path() / "empty.mp4", "");
  expect_words(problem("empty.mp4"), {"expected a video", "an empty file", "empty.mp4"});
  write_content(folder.path() / "text.mp4", "hello");
  expect_words(problem("text.mp4"), {"expected a video", "something else", "text.mp4"});
  CodedVideo audio;
  audio.has_audio_alone = true;
  write_video(audio, folder.path() / "audio.mp4");
  expect_words(problem("audio.mp4"), {"without pictures: 1 audio stream (aac)", "audio.mp4"});
  CodedVideo none;
  none.pictures = 0;
  none.encoder = "mpeg4";
  none.options = "";
  write_video(none, folder.path() / "none.mkv");
  EXPECT_NE(problem("none.mkv").find("none.mkv"), std::string::npos) << problem("none.mkv");
  CodedVideo shared_places;
  shared_places.encoder = "mpeg2video", shared_places.options = "bf=2";
  shared_places.ticks_a_second = 25;
  shared_places.time = [](std::size_t i) { return static_cast<std::int64_t>(i); };
  write_video(shared_places, folder.path() / "a.mpg");
  expect_words(problem("a.mpg"), {"presentation times", "another container", "a.mpg"});
  // A playlist names other files: it is none of ours to open.
  write_video({}, folder.path() / "a.ts");
  write_content(folder.path() / "list.mp4", "#EXTM3U\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n");
  expect_words(problem("list.mp4"), {"expected a video", "something else"});
  expect_words(problem("absent.mp4"), {"no such file", "absent.mp4"});
}

TEST(VideoFile, TheSharedVideosAreTheSameForwardsBackwardsAndAtRandom) {
  SWEEPMARK_NEED_DATA(data, "video");
  for (const char* name : {"mmtracking_demo.mp4", "solidWhiteRight.mp4"}) {
    const fs::path file = data / name;
    const auto expected = decode_from_start(file);
    const auto index = index_of(file);
    ASSERT_EQ(index->shown.size(), expected.size());
    const std::size_t count = expected.size();
    VideoFile video(file, index, std::size_t{40} << 20);
    std::mt19937 random(3);
    auto order = backwards(count);
    for (int i = 0; i < 40; ++i) order.push_back(random() % count);
    for (const std::size_t n : order) {
      const auto picture = video.read(n);
      ASSERT_TRUE(picture) << picture.error().message;
      ASSERT_TRUE(picture->rgba == expected[n].picture.rgba) << name << " " << n;
      EXPECT_EQ(index->shown[n].time, expected[n].time);
    }
    EXPECT_LE(video.cached_bytes(), std::size_t{40} << 20);
  }
}

TEST(VideoIndexCache, AnIndexIsKeptAndTakenWhereTheFileIsAsItWas) {
  const TemporaryFolder folder;
  CodedVideo coded;
  coded.pictures = 1'100;
  coded.width = 32, coded.height = 16;
  coded.encoder = "mpeg4", coded.options = "";
  const fs::path file = folder.path() / "a.mp4", cache = folder.path() / "cache";
  write_video(coded, file);
  if (HasFatalFailure()) return;
  const auto made = video_index(file, cache);
  ASSERT_TRUE(made) << made.error().message;
  std::vector<fs::path> kept;
  for (const auto& entry : fs::directory_iterator(cache / "video")) kept.push_back(entry.path());
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(**video_index(file, cache), **made);
  // That it is read shows by what is in it: another index in its place comes back.
  std::string bytes = content_of(kept[0]);
  const std::string identity = kept[0].stem().string();
  auto other = index_of_bytes(bytes, identity);
  ASSERT_TRUE(other);
  EXPECT_EQ(*other, **made);
  other->notes = {"from the cache"};
  write_content(kept[0], to_bytes(*other, identity));
  EXPECT_EQ((*video_index(file, cache))->notes, std::vector<std::string>{"from the cache"});
  // Damage of any byte is seen, and the index made again.
  std::mt19937 random(5);
  for (int i = 0; i < 30; ++i) {
    std::string damaged = bytes;
    damaged[random() % damaged.size()] ^= static_cast<char>(1 + random() % 255);
    if (i % 3 == 0) damaged.resize(random() % damaged.size());
    EXPECT_FALSE(index_of_bytes(damaged, identity));
  }
  write_content(kept[0], "damaged");
  EXPECT_EQ(**video_index(file, cache), **made);
  EXPECT_EQ(content_of(kept[0]), bytes) << "and is kept again";
  // Another file of the same name and length is another one.
  fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(1));
  write_content(kept[0], to_bytes(*other, identity));
  EXPECT_TRUE((*video_index(file, cache))->notes.empty());
}

TEST(VideoIndexCache, AShortVideoLeavesNothingInTheCacheAndOneThatCannotBeWrittenIsNoError) {
  const TemporaryFolder folder;
  write_video({}, folder.path() / "a.mp4");
  if (HasFatalFailure()) return;
  ASSERT_TRUE(video_index(folder.path() / "a.mp4", folder.path() / "cache"));
  EXPECT_FALSE(fs::exists(folder.path() / "cache"));
  CodedVideo coded;
  coded.pictures = 1'001;
  coded.width = 32, coded.height = 16;
  coded.encoder = "mpeg4", coded.options = "";
  write_video(coded, folder.path() / "b.mp4");
  write_content(folder.path() / "file", "a file where a folder is wanted");
  EXPECT_TRUE(video_index(folder.path() / "b.mp4", folder.path() / "file"));
}

}  // namespace
}  // namespace sweepmark::testing_support
