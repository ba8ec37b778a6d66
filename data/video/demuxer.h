// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "data/exif.h"
#include "data/video/ffmpeg.h"
#include "data/video/video_index.h"
#include "kernels/result.h"

namespace sweepmark::video {

/// The packets of a video file's pictures, in the order in which they are decoded. Not for several threads at once.
class Demuxer {
 public:
  /// The first stream of pictures that is no cover of an album, or the one that is marked as the default.
  /// Other files that a playlist could name are never opened. FFmpeg's own messages are switched off for the process:
  /// what is wrong is said once, by the error.
  /// Errors: an empty file, no container that is known, no pictures (what is there instead is named), a codec that is
  /// not built in, a side of more than 16,384 pixels.
  static Result<Demuxer> open(const std::filesystem::path& file);

  const AVStream& stream() const { return *format_->streams[stream_]; }
  const AVFormatContext& format() const { return *format_; }
  const AVCodec& codec() const { return *codec_; }
  /// How the stored pictures are turned to be shown. \param is_exact  false: by an angle between quarter turns, or with
  /// a stretch: they stay as stored
  Orientation orientation(bool& is_exact) const;
  std::size_t video_streams() const;

  /// The next packet of the stream. \return 0, AVERROR_EOF, or another of FFmpeg's codes
  int read(AVPacket& packet);
  /// The next packet that is read is that of `key`; the file is opened anew where FFmpeg cannot seek to it.
  bool seek(const VideoIndex::Key& key, AVPacket& packet);

 private:
  Demuxer(std::filesystem::path file, FormatPtr format, unsigned stream, const AVCodec* codec)
      : file_(std::move(file)), format_(std::move(format)), stream_(stream), codec_(codec) {}
  bool find(const VideoIndex::Key& key, AVPacket& packet);

  std::filesystem::path file_;
  FormatPtr format_;
  unsigned stream_;
  const AVCodec* codec_;
};

}  // namespace sweepmark::video
