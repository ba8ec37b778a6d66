// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "data/video/demuxer.h"
#include "data/video/ffmpeg.h"
#include "kernels/result.h"

namespace sweepmark::video {

/// FFmpeg's decoder of a stream. Pictures of one frame are decoded after each other, so that damage is known of the
/// packet that has it: with a thread for each frame, FFmpeg 5.1 loses what it knows of damage. Not for several threads
/// at once.
class Decoder {
 public:
  enum class On : std::uint8_t {
    damage_told,  ///< a damaged packet is an error or a marked picture
    damage_shown  ///< as much of it as there is comes out: the same each time for a new decoder and the same packets
  };
  /// Errors: the decoder does not take the stream.
  static Result<Decoder> make(const Demuxer& demuxer, On on = On::damage_told);

  /// \param packet  null: the end, behind which what is still held comes out \param needed  false: the picture may be
  /// left out where no other is made from it
  void send(const AVPacket* packet, bool needed = true);
  /// The next picture in the order in which they are shown. \return 0, AVERROR(EAGAIN): it wants another packet, or
  /// AVERROR_EOF; never another code
  int receive(AVFrame& frame);
  /// Whether the decoder refused something since this was last asked.
  bool take_error() { return std::exchange(has_error_, false); }

 private:
  explicit Decoder(CodecPtr codec) : codec_(std::move(codec)) {}
  CodecPtr codec_;
  bool has_error_ = false;
};

/// The decoder says that a picture is not what was recorded.
inline bool is_damaged(const AVFrame& frame) {
  return frame.decode_error_flags != 0 || (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0;
}

}  // namespace sweepmark::video
