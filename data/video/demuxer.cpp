// SPDX-License-Identifier: Apache-2.0
#include "data/video/demuxer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "data/formats/text.h"

namespace sweepmark::video {
namespace fs = std::filesystem;
namespace {

constexpr int max_side = 16'384;  // as of images

/// Containers whose pictures have times. Playlists and lists of files are none: they open other files.
constexpr const char* containers = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg,mxf,nut,ivf,dv";

Error unreadable(const fs::path& file, const std::string& why) {
  return Error{fmt::format("expected a video (MP4, MOV, MKV, WebM, AVI, MPEG and others), {}: {}", why, file.string())};
}

/// Why a container could not be opened.
std::string open_complaint(const fs::path& file, int code) {
  const std::string head = read_head(file, 12);
  if (code == AVERROR_INVALIDDATA && head.size() >= 8 && head.compare(4, 4, "ftyp") == 0)
    return "got one whose table of pictures (moov) is missing or damaged: it was cut off, or never finished";
  if (code == AVERROR_INVALIDDATA) return "got something else";
  return fmt::format("got \"{}\"", error_text(code));
}

/// "2 audio streams (aac, opus), 1 subtitle stream (mov_text)"
std::string describe_streams(const AVFormatContext& format) {
  std::map<std::string, std::vector<std::string>> codecs_of;
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    const AVStream& stream = *format.streams[i];
    const bool is_cover = (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    const char* kind = av_get_media_type_string(stream.codecpar->codec_type);
    codecs_of[is_cover          ? "cover"
              : kind != nullptr ? kind
                                : "unknown"]
        .emplace_back(avcodec_get_name(stream.codecpar->codec_id));
  }
  std::string text;
  for (const auto& [kind, codecs] : codecs_of)
    text += fmt::format("{}{} {} stream{} ({})", text.empty() ? "" : ", ", codecs.size(), kind,
                        codecs.size() == 1 ? "" : "s", fmt::join(codecs, ", "));
  return text.empty() ? "no stream at all" : text;
}

bool has_pictures(const AVStream& stream) {
  return stream.codecpar->codec_type == AVMEDIA_TYPE_VIDEO && (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) == 0;
}

std::optional<unsigned> picture_stream(const AVFormatContext& format) {
  std::optional<unsigned> first;
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    if (!has_pictures(*format.streams[i])) continue;
    if ((format.streams[i]->disposition & AV_DISPOSITION_DEFAULT) != 0) return i;
    if (!first) first = i;
  }
  return first;
}

Result<FormatPtr> open_container(const fs::path& file) {
  static std::once_flag silenced;
  std::call_once(silenced, [] { av_log_set_level(AV_LOG_QUIET); });
  AVFormatContext* opened = nullptr;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "format_whitelist", containers, 0);
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  const int code = avformat_open_input(&opened, ("file:" + file.string()).c_str(), nullptr, &options);
  av_dict_free(&options);
  if (code < 0) return unreadable(file, open_complaint(file, code));
  FormatPtr format(opened);
  if (const int found = avformat_find_stream_info(format.get(), nullptr); found < 0)
    return unreadable(file, fmt::format("got one whose streams are damaged ({})", error_text(found)));
  return format;
}

}  // namespace

Result<Demuxer> Demuxer::open(const fs::path& file) {
  std::error_code failure;
  if (!fs::is_regular_file(file, failure)) return Error{fmt::format("no such file: {}", file.string())};
  if (fs::file_size(file, failure) == 0) return unreadable(file, "got an empty file");
  auto format = open_container(file);
  if (!format) return format.error();
  const auto stream = picture_stream(**format);
  if (!stream) return unreadable(file, fmt::format("got a file without pictures: {}", describe_streams(**format)));
  for (unsigned i = 0; i < (*format)->nb_streams; ++i)
    (*format)->streams[i]->discard = i == *stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  const AVCodecParameters& parameters = *(*format)->streams[*stream]->codecpar;
  const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
  if (codec == nullptr) {
    std::array<char, AV_FOURCC_MAX_STRING_SIZE> tag{};
    av_fourcc_make_string(tag.data(), parameters.codec_tag);
    return unreadable(file, fmt::format("got pictures of a codec that FFmpeg does not decode here: {} (tag {})",
                                        avcodec_get_name(parameters.codec_id), tag.data()));
  }
  if (parameters.width < 1 || parameters.height < 1 || parameters.width > max_side || parameters.height > max_side) {
    return unreadable(file, fmt::format("got pictures of {} x {} ({}): expected 1 to {} pixels a side",
                                        parameters.width, parameters.height, codec->name, max_side));
  }
  return Demuxer(file, *std::move(format), *stream, codec);
}

std::size_t Demuxer::video_streams() const {
  std::size_t count = 0;
  for (unsigned i = 0; i < format_->nb_streams; ++i) count += has_pictures(*format_->streams[i]) ? 1 : 0;
  return count;
}

Orientation Demuxer::orientation(bool& is_exact) const {
  is_exact = true;
  const auto* matrix =
      reinterpret_cast<const std::int32_t*>(av_stream_get_side_data(&stream(), AV_PKT_DATA_DISPLAYMATRIX, nullptr));
  if (matrix == nullptr) return 1;
  // x' = a x + c y, y' = b x + d y, y down, in 16.16 (ISO 14496-12, 8.3.2).
  constexpr std::int32_t one = 1 << 16;
  const std::array<std::int32_t, 4> turn = {matrix[0], matrix[1], matrix[3], matrix[4]};
  constexpr std::array<std::array<std::int32_t, 4>, 8> orientations = {{{one, 0, 0, one},
                                                                        {-one, 0, 0, one},
                                                                        {-one, 0, 0, -one},
                                                                        {one, 0, 0, -one},
                                                                        {0, one, one, 0},
                                                                        {0, one, -one, 0},
                                                                        {0, -one, -one, 0},
                                                                        {0, -one, one, 0}}};
  const auto found = std::ranges::find(orientations, turn);
  is_exact = found != orientations.end();
  return is_exact ? static_cast<Orientation>(found - orientations.begin() + 1) : Orientation{1};
}

int Demuxer::read(AVPacket& packet) {
  while (true) {
    av_packet_unref(&packet);
    if (const int code = av_read_frame(format_.get(), &packet); code < 0) return code;
    if (packet.stream_index == static_cast<int>(stream_)) return 0;
  }
}

bool Demuxer::find(const VideoIndex::Key& key, AVPacket& packet) {
  while (read(packet) == 0) {
    const bool is_it = key.pts != no_pts ? packet.pts == key.pts : packet.pos == key.position;
    if (is_it && (key.packet == 0 || (packet.flags & AV_PKT_FLAG_KEY) != 0)) return true;
    if (packet.dts != no_pts && key.dts != no_pts && packet.dts > key.dts) return false;
  }
  return false;
}

bool Demuxer::seek(const VideoIndex::Key& key, AVPacket& packet) {
  // Containers seek by presentation or by decoding times; some land a little early or late.
  const std::int64_t second = std::max<std::int64_t>(av_rescale_q(1, {1, 1}, stream().time_base), 1);
  const std::int64_t from = key.dts != no_pts ? key.dts : key.pts;
  for (const std::int64_t time : {key.pts != no_pts ? key.pts : key.dts, from, from - second, from - 10 * second}) {
    if (time == no_pts || av_seek_frame(format_.get(), static_cast<int>(stream_), time, AVSEEK_FLAG_BACKWARD) < 0)
      continue;
    if (find(key, packet)) return true;
  }
  auto again = open(file_);
  if (!again) return false;
  *this = *std::move(again);
  // Packets are numbered as they are read from the start, whatever their times are.
  for (std::uint32_t number = 0; number <= key.packet; ++number)
    if (read(packet) != 0) return false;
  return true;
}

}  // namespace sweepmark::video
