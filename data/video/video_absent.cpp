// SPDX-License-Identifier: Apache-2.0
//
// What a build without FFmpeg says of videos: a wheel for batch nodes need not carry it, nor its licence.
#include <fmt/format.h>

#include "data/video/video_file.h"

namespace sweepmark {
namespace {

Error absent(const std::filesystem::path& file) {
  return Error{fmt::format("videos are read through FFmpeg, which this build leaves out: {}", file.string())};
}

}  // namespace

std::size_t VideoIndex::key_of(std::size_t) const { return 0; }

Result<VideoIndex> index_video(const std::filesystem::path& file) { return absent(file); }

struct VideoFile::State {
  std::filesystem::path file;
  std::shared_ptr<const VideoIndex> index;
};

VideoFile::VideoFile(std::filesystem::path file, std::shared_ptr<const VideoIndex> index, std::size_t)
    : state_(new State{std::move(file), std::move(index)}) {}
VideoFile::~VideoFile() = default;
const VideoIndex& VideoFile::index() const { return *state_->index; }
Result<Picture> VideoFile::read(std::size_t) { return absent(state_->file); }
std::size_t VideoFile::cached_bytes() const { return 0; }

}  // namespace sweepmark
