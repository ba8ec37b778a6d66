// SPDX-License-Identifier: Apache-2.0
//
// What the window shows of a video: the picture of the frame that it asks for, in whatever order it asks.
#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "data/open_scene.h"
#include "tests/support/coded_video.h"
#include "tests/support/test_data.h"
#include "viewer/editor/image_cache.h"

namespace sweepmark::editor {
namespace {

TEST(ImageCacheOfAVideo, GivesThePictureOfEachFrameWhileItIsSteppedAndJumpedThrough) {
  const testing_support::TemporaryFolder folder;
  testing_support::write_video({}, folder.path() / "clip.mp4");
  if (HasFatalFailure()) return;
  const auto scene = open_scene(find_scenes(folder.path() / "clip.mp4")->front());
  ASSERT_TRUE(scene) << scene.error().message;
  std::atomic<int> changes = 0;
  constexpr std::size_t picture_bytes = std::size_t{4} * 64 * 48;
  ImageCache cache(*scene, 6 * picture_bytes, [&] {
    ++changes;
    changes.notify_all();
  });
  std::mt19937 random(1);
  std::size_t frame = 0;
  for (int i = 0; i < 400; ++i) {
    const std::size_t before = frame;
    frame = i % 7 == 0 ? random() % 40 : i % 20 < 10 ? std::min<std::size_t>(frame + 1, 39) : frame - (frame > 0);
    cache.prefetch_around(frame, frame >= before ? 1 : -1);
    std::shared_ptr<const Picture> picture;
    for (int seen = changes; (picture = cache.get(frame)) == nullptr; seen = changes) {
      ASSERT_FALSE(cache.failure(frame)) << cache.failure(frame)->message;
      changes.wait(seen);
    }
    ASSERT_EQ(testing_support::number_in(*picture), frame);
  }
}

}  // namespace
}  // namespace sweepmark::editor
