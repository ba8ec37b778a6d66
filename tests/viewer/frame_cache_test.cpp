// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/frame_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>

#include "kernels/math/rigid.h"
#include "tests/support/test_data.h"
#include "tests/viewer/small_scene.h"
#include "viewer/editor/background_cache.h"

namespace sweepmark::editor {
namespace {

/// Waits without asking for it. \return false after ten seconds
bool becomes_loaded(const auto& cache, std::size_t key) {
  for (int i = 0; i < 10'000 && !cache.is_loaded(key); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return cache.is_loaded(key);
}

/// Loads numbers as values of 10 bytes, each only when it is let through; writes down the order.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::size_t> started;
  std::size_t let_through = 0;
  bool open = false;

  Result<BackgroundCache::Loaded> load(std::size_t key) {
    std::unique_lock lock(mutex);
    started.push_back(key);
    changed.notify_all();
    changed.wait(lock, [&] { return open || let_through > 0; });
    if (!open) --let_through;
    if (key == 13) return Error{"unlucky"};
    if (key == 14) throw std::runtime_error("thrown");
    return BackgroundCache::Loaded{std::make_shared<std::size_t>(key), 10, {}};
  }
  void let(std::size_t count) {
    const std::lock_guard lock(mutex);
    let_through += count;
    changed.notify_all();
  }
  void open_all() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
  void wait_for_start(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return started.size() >= count; });
  }
};

struct BackgroundCacheTest : testing::Test {
  Gate gate;
  BackgroundCache::Load load = [this](std::size_t key) { return gate.load(key); };
  // The gate has to open before a cache that waits at it can end.
  struct Opener {
    Gate& gate;
    ~Opener() { gate.open_all(); }
  };

  static std::size_t value(const std::shared_ptr<void>& loaded) {
    return *std::static_pointer_cast<std::size_t>(loaded);
  }
};

TEST_F(BackgroundCacheTest, GetReturnsAtOnceAndTheValueComesLater) {
  BackgroundCache cache(load, 100, {});
  const Opener opener{gate};
  EXPECT_EQ(cache.get(7), nullptr);
  gate.wait_for_start(1);
  EXPECT_EQ(cache.get(7), nullptr);
  gate.let(1);
  const auto waited = cache.wait(7);
  ASSERT_TRUE(waited);
  EXPECT_EQ(value(*waited), 7U);
  EXPECT_EQ(cache.get(7), *waited);
  EXPECT_EQ(gate.started, std::vector<std::size_t>{7});
}

TEST_F(BackgroundCacheTest, WhatIsAskedForComesBeforeWhatIsPrefetchedAndTheLastAskedFirst) {
  BackgroundCache cache(load, 1000, {});
  const Opener opener{gate};
  cache.prefetch(std::vector<std::size_t>{1, 2, 3, 4, 5, 6});
  gate.wait_for_start(1);
  EXPECT_EQ(cache.get(4), nullptr);
  EXPECT_EQ(cache.get(6), nullptr);
  gate.open_all();
  ASSERT_TRUE(becomes_loaded(cache, 5));
  EXPECT_EQ(gate.started, (std::vector<std::size_t>{1, 6, 4, 2, 3, 5}));
}

TEST_F(BackgroundCacheTest, WishesOfBeforeAreForgottenWhenOthersComeButNotThoseThatSomebodyWaitsFor) {
  BackgroundCache cache(load, 1000, {});
  const Opener opener{gate};
  cache.get(1);
  gate.wait_for_start(1);
  for (const std::size_t passed : {20, 21, 22, 23}) cache.get(passed);
  std::atomic<bool> waits = false;
  std::thread waiter([&] {
    waits = true;
    EXPECT_TRUE(cache.wait(30));
  });
  while (!waits) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  cache.prefetch(std::vector<std::size_t>{2});
  gate.open_all();
  ASSERT_TRUE(cache.wait(2));
  waiter.join();
  for (const std::size_t passed : {20, 21, 22, 23}) EXPECT_FALSE(cache.is_loaded(passed));
}

TEST_F(BackgroundCacheTest, TheLeastRecentlyUsedGoesAndTheBudgetHolds) {
  gate.open_all();
  BackgroundCache cache(load, 30, {});
  for (const std::size_t key : {1, 2, 3}) ASSERT_TRUE(cache.wait(key));
  ASSERT_NE(cache.get(1), nullptr);
  ASSERT_TRUE(cache.wait(4));
  EXPECT_TRUE(cache.is_loaded(1));
  EXPECT_FALSE(cache.is_loaded(2));
  EXPECT_TRUE(cache.is_loaded(3));
  EXPECT_EQ(cache.bytes(), 30U);
}

TEST_F(BackgroundCacheTest, PrefetchingStopsAtTheBudgetInsteadOfPushingItsOwnOut) {
  gate.open_all();
  BackgroundCache cache(load, 30, {});
  ASSERT_TRUE(cache.wait(50));
  cache.prefetch(std::vector<std::size_t>{1, 2, 3, 4, 5, 6});
  ASSERT_TRUE(becomes_loaded(cache, 3));
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  EXPECT_TRUE(cache.is_loaded(1));
  EXPECT_TRUE(cache.is_loaded(2));
  EXPECT_FALSE(cache.is_loaded(50));
  EXPECT_FALSE(cache.is_loaded(6));
  EXPECT_EQ(gate.started.size(), 4U);
  // Somebody needs it: then one of the window has to go.
  ASSERT_TRUE(cache.wait(6));
  EXPECT_EQ(cache.bytes(), 30U);
}

TEST_F(BackgroundCacheTest, AValueLargerThanTheBudgetIsStillGivenToWhoAsksForIt) {
  gate.open_all();
  BackgroundCache cache(load, 5, {});
  cache.prefetch(std::vector<std::size_t>{1, 2});
  ASSERT_TRUE(cache.wait(1));
  ASSERT_TRUE(cache.wait(2));
  EXPECT_NE(cache.get(2), nullptr);
  EXPECT_EQ(cache.bytes(), 10U);
}

TEST_F(BackgroundCacheTest, AFailureIsKeptUntilItIsToBeTriedAgain) {
  gate.open_all();
  std::atomic<int> changes = 0;
  BackgroundCache cache(load, 100, [&] { ++changes; });
  const auto failed = cache.wait(13);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "unlucky");
  EXPECT_EQ(cache.get(13), nullptr);
  EXPECT_TRUE(cache.failure(13));
  EXPECT_NE(cache.wait(14).error().message.find("thrown"), std::string::npos);
  ASSERT_TRUE(cache.wait(1));
  EXPECT_FALSE(cache.failure(1));
  EXPECT_EQ(gate.started.size(), 3U);
  cache.retry(13);
  EXPECT_FALSE(cache.wait(13));
  EXPECT_EQ(gate.started.size(), 4U);
  EXPECT_GE(changes, 3);
}

TEST_F(BackgroundCacheTest, WhatIsBeingLoadedWhenTheLoadChangesIsLoadedAgain) {
  BackgroundCache cache(load, 100, {});
  const Opener opener{gate};
  cache.get(1);
  gate.wait_for_start(1);
  cache.reload_with([](std::size_t key) -> Result<BackgroundCache::Loaded> {
    return BackgroundCache::Loaded{std::make_shared<std::size_t>(key + 100), 10, {}};
  });
  EXPECT_EQ(cache.get(1), nullptr);
  gate.let(1);
  const auto loaded = cache.wait(1);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(value(*loaded), 101U);
}

TEST_F(BackgroundCacheTest, EndsWithWishesOpenAndFromManyThreads) {
  gate.open_all();
  for (int round = 0; round < 30; ++round) {
    BackgroundCache cache(load, 40, {});
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 4; ++t)
      threads.emplace_back([&cache, t, this] {
        std::mt19937 random(t);
        for (int i = 0; i < 50; ++i) {
          const std::size_t key = random() % 12;
          switch (random() % 5) {
            case 0:
              if (const auto loaded = cache.wait(key)) {
                EXPECT_EQ(value(*loaded), key);
              }
              break;
            case 1:
              cache.prefetch(std::vector<std::size_t>{key, key + 1});
              break;
            case 2:
              if (i % 10 == 0) cache.reload_with(load);
              break;
            default:
              if (const auto loaded = cache.get(key)) {
                EXPECT_EQ(value(loaded), key);
              }
          }
        }
      });
    for (auto& thread : threads) thread.join();
    cache.prefetch(std::vector<std::size_t>{1, 2, 3, 4, 5});
  }
}

struct FrameCacheTest : testing::Test {
  testing_support::TemporaryFolder folder;
  Scene scene = testing_support::small_scene(folder.path(), 20);
};

TEST_F(FrameCacheTest, GivesWhatLoadFrameGivesWithAnIndexOfItsOwnPoints) {
  FrameCache cache(scene, 100'000'000);
  const auto frame = cache.wait(3);
  ASSERT_TRUE(frame) << frame.error().message;
  const auto expected = load_frame(scene, 3);
  EXPECT_EQ((*frame)->points().points, expected->points);
  EXPECT_EQ((*frame)->number(), 3U);
  EXPECT_EQ((*frame)->ground().height_at(0, 0), GroundGrid(expected->points).height_at(0, 0));
  const ObjectMotion objects(scene.labels.tracks);
  const Cuboid car = expected->local_from_world() * *objects.at(0, scene.frames[3].timestamp);
  std::uint32_t brute = 0;
  for (const Point& p : expected->points)
    brute +=
        testing_support::is_inside(car, {static_cast<double>(p.x), static_cast<double>(p.y), static_cast<double>(p.z)});
  const auto counted = (*frame)->index().count(std::span(&car, 1));
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->front(), brute);
  EXPECT_GT(brute, 50U);
}

TEST_F(FrameCacheTest, FramesInThePlayingDirectionAreThereBeforeTheyAreAskedFor) {
  FrameCache cache(scene, 100'000'000);
  ASSERT_TRUE(cache.wait(10));
  cache.prefetch_around(10, 1);
  ASSERT_TRUE(becomes_loaded(cache, 18));
  for (std::size_t frame = 7; frame <= 18; ++frame) EXPECT_NE(cache.get(frame), nullptr) << frame;
  EXPECT_FALSE(cache.is_loaded(6));
  EXPECT_FALSE(cache.is_loaded(19));
  cache.prefetch_around(5, -1);
  EXPECT_TRUE(becomes_loaded(cache, 0));
}

TEST_F(FrameCacheTest, OtherOptionsLoadTheFramesAnewAndHeldOnesStay) {
  FrameCache cache(scene, 100'000'000);
  const auto alone = cache.wait(5);
  ASSERT_TRUE(alone);
  const std::size_t own = (*alone)->points().points.size();
  cache.set_options({.frames_before = 1, .frames_after = 1, .align_objects = true}, ObjectMotion(scene.labels.tracks));
  const auto around = cache.wait(5);
  ASSERT_TRUE(around);
  EXPECT_EQ((*around)->points().points.size(), 5 * own);
  EXPECT_EQ((*around)->points().own_points, own);
  EXPECT_LT((*alone)->version(), cache.version());
  EXPECT_EQ((*around)->version(), cache.version());
  EXPECT_EQ((*alone)->points().points.size(), own);
  const Cuboid everything{{}, {1e4, 1e4, 1e4}, {}};
  EXPECT_EQ((*around)->index().count(std::span(&everything, 1))->front(), own);
}

TEST_F(FrameCacheTest, AFrameThatCannotBeReadSaysWhyAndTheOthersAreThere) {
  std::filesystem::remove(scene.sweeps[8].file);
  FrameCache cache(scene, 100'000'000);
  cache.prefetch_around(3);
  ASSERT_TRUE(cache.wait(5));
  EXPECT_FALSE(cache.wait(4));
  EXPECT_EQ(cache.get(4), nullptr);
  ASSERT_TRUE(cache.failure(4));
  EXPECT_NE(cache.failure(4)->message.find(scene.sweeps[8].file.string()), std::string::npos);
  EXPECT_FALSE(cache.wait(99));
}

}  // namespace
}  // namespace sweepmark::editor
