// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

#include "data/image_file.h"
#include "data/video/video_index.h"
#include "kernels/result.h"

namespace sweepmark {

/// The pictures of a video file by their number. A picture is the same pixels however it is reached: forwards,
/// backwards, after a jump, in a file with open groups of pictures and in a damaged one. May be asked from several
/// threads; one decodes at a time.
class VideoFile {
 public:
  static constexpr std::size_t usual_cache_bytes = std::size_t{128} << 20;

  /// Opens the file when the first picture is asked for.
  /// \param cache_bytes  of decoded pictures that are kept: those nearest to the last one that was asked for
  VideoFile(std::filesystem::path file, std::shared_ptr<const VideoIndex> index,
            std::size_t cache_bytes = usual_cache_bytes);
  ~VideoFile();
  VideoFile(const VideoFile&) = delete;
  VideoFile& operator=(const VideoFile&) = delete;

  const VideoIndex& index() const;

  /// \param number  in the order in which they are shown, from 0
  /// Errors: no such number, the file is not there any more, a picture that cannot be decoded.
  /// Cost: a picture that follows the last one takes one to be decoded; another one those from its key picture on, of
  /// which a jump leaves out what no other needs. What lies on a short way is kept: after one step back, the next ones
  /// are there.
  Result<Picture> read(std::size_t number);

  std::size_t cached_bytes() const;  ///< of decoded pictures that are kept now

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark
