// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/image_follower.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <thread>

#include "data/turned_pictures.h"
#include "tracking/flow/follow_image_track.h"

namespace sweepmark::editor {
namespace {

/// Rec. 601, as OpenCV has it.
GrayPicture gray_of(const Picture& picture) {
  GrayPicture gray{picture.width, picture.height, {}};
  gray.pixels.reserve(picture.rgba.size() / 4);
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4)
    gray.pixels.push_back(static_cast<std::uint8_t>(
        (299U * picture.rgba[i] + 587U * picture.rgba[i + 1] + 114U * picture.rgba[i + 2] + 500U) / 1000U));
  return gray;
}

}  // namespace

struct ImageFollower::State {
  const Scene& scene;
  std::function<void()> on_done;
  std::optional<Result<Done>> result = {};
  std::atomic<bool> is_done = false;
  std::atomic<std::size_t> looks = 0, all = 1;
  std::jthread thread = {};  // last: it ends before what it writes to

  Result<Done> follow(const ImageTrack& track, TimestampNs from, const std::stop_token& stop) {
    std::map<TimestampNs, const ImageRef*> images;
    for (const ImageRef& image : scene.images)
      if (scene.sensors[image.sensor].name == track.camera) images[image.timestamp] = &image;
    std::vector<TimestampNs> times;
    for (const auto& [time, image] : images) times.push_back(time);
    all = std::max<std::size_t>(times.size(), 1);
    const ScenePictures pictures(scene);
    const GrayPictureAt picture = [&](TimestampNs time) -> Result<GrayPicture> {
      if (stop.stop_requested()) return Error{"nobody waits for it any more"};
      ++looks;
      const auto found = images.find(time);
      if (found == images.end()) return Error{fmt::format("{} has no image at {}", track.camera, time)};
      auto read = pictures.read(*found->second);
      if (!read) return read.error();
      return gray_of(*read);
    };
    Done done{track, {}, track.id + " was followed"};
    for (const Direction direction : {Direction::forwards, Direction::backwards}) {
      auto way = follow_image_track(track, from, direction, times, picture);
      if (!way) return way.error();
      done.summary += fmt::format("{} {} images ({})", direction == Direction::forwards ? " forwards" : ", backwards",
                                  way->keyframes.size(), way->reason);
      std::ranges::move(way->keyframes, std::back_inserter(done.keyframes));
    }
    return done;
  }

  void run(const ImageTrack& track, TimestampNs from, const std::stop_token& stop) {
    try {
      result = follow(track, from, stop);
    } catch (const std::exception& e) {
      result = Result<Done>(Error{"track " + track.id + ": " + e.what()});
    }
    is_done = true;
    is_done.notify_all();
    if (on_done && !stop.stop_requested()) on_done();
  }
};

ImageFollower::ImageFollower(const Scene& scene, std::function<void()> on_done)
    : state_(new State{scene, std::move(on_done)}) {}

ImageFollower::~ImageFollower() = default;

bool ImageFollower::is_busy() const { return state_->thread.joinable(); }

bool ImageFollower::start(ImageTrack track, TimestampNs from) {
  if (is_busy()) return false;
  state_->is_done = false;
  state_->looks = 0;
  state_->thread = std::jthread([state = state_.get(), from, track = std::move(track)](const std::stop_token& stop) {
    state->run(track, from, stop);
  });
  return true;
}

double ImageFollower::progress() const {
  return std::min(1.0, static_cast<double>(state_->looks.load()) / static_cast<double>(state_->all.load()));
}

std::optional<Result<ImageFollower::Done>> ImageFollower::take() {
  if (!is_busy() || !state_->is_done) return std::nullopt;
  state_->thread.join();
  auto result = std::move(state_->result);
  state_->result.reset();
  return result;
}

void ImageFollower::wait() const { state_->is_done.wait(false); }

}  // namespace sweepmark::editor
