// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/image_follower.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/turned_pictures.h"
#include "tracking/flow/follow_image_track.h"
#include "viewer/editor/background_task.h"

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
  BackgroundTask<Done> task;

  Result<Done> follow(const ImageTrack& track, TimestampNs from, TaskProgress& progress,
                      const std::stop_token& stop) const {
    std::map<TimestampNs, const ImageRef*> images;
    for (const ImageRef& image : scene.images)
      if (scene.sensors[image.sensor].name == track.camera) images[image.timestamp] = &image;
    std::vector<TimestampNs> times;
    times.reserve(images.size());
    for (const auto& [time, image] : images) times.push_back(time);
    progress.expected = std::max<std::size_t>(times.size(), 1);
    const ScenePictures pictures(scene);
    const GrayPictureAt picture = [&](TimestampNs time) -> Result<GrayPicture> {
      if (stop.stop_requested()) return Error{"nobody waits for it any more"};
      ++progress.looks;
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
};

ImageFollower::ImageFollower(const Scene& scene, std::function<void()> on_done)
    : state_(new State{scene, BackgroundTask<Done>(std::move(on_done))}) {}

ImageFollower::~ImageFollower() = default;

bool ImageFollower::is_busy() const { return state_->task.is_busy(); }

bool ImageFollower::start(ImageTrack track, TimestampNs from) {
  std::string name = "track " + track.id;
  return state_->task.start(std::move(name), [state = state_.get(), from, track = std::move(track)](
                                                 TaskProgress& progress, const std::stop_token& stop) {
    return state->follow(track, from, progress, stop);
  });
}

double ImageFollower::progress() const { return state_->task.progress(); }

std::optional<Result<ImageFollower::Done>> ImageFollower::take() { return state_->task.take(); }

void ImageFollower::wait() const { state_->task.wait(); }

}  // namespace sweepmark::editor
