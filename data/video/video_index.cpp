// SPDX-License-Identifier: Apache-2.0
#include "data/video/video_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "data/video/decoder.h"
#include "data/video/demuxer.h"
#include "data/video/hidden_picture.h"

namespace sweepmark {
namespace {

using namespace video;

struct PacketRow {
  std::int64_t pts = no_pts, dts = no_pts, position = -1;
  bool is_key = false;
  bool is_shown = false;  ///< the container and the packet itself do not say that it is none to be shown
};

struct PacketRows {
  std::vector<PacketRow> rows;
  int end = 0;                ///< FFmpeg's code of why there are no more
  bool is_last_half = false;  ///< the last packet is not all there, and is none of `rows`
};

PacketRows read_packets(Demuxer& demuxer) {
  constexpr std::size_t most = 20'000'000;  // days; a slip in a table must not fill the memory
  PacketRows out;
  const PacketPtr packet(av_packet_alloc());
  while (out.rows.size() < most && (out.end = demuxer.read(*packet)) == 0) {
    const std::span<const std::uint8_t> bytes(packet->data, static_cast<std::size_t>(std::max(packet->size, 0)));
    out.rows.push_back({packet->pts, packet->dts, packet->pos, (packet->flags & AV_PKT_FLAG_KEY) != 0,
                        (packet->flags & AV_PKT_FLAG_DISCARD) == 0 && !bytes.empty() &&
                            !is_hidden_picture(demuxer.stream().codecpar->codec_id, bytes)});
    out.is_last_half = (packet->flags & AV_PKT_FLAG_CORRUPT) != 0;
  }
  if (out.is_last_half) out.rows.pop_back();
  return out;
}

/// Nanoseconds of a time of the stream.
TimestampNs nanoseconds(std::int64_t time, const AVStream& stream) {
  return av_rescale_q(time, stream.time_base, {1, 1'000'000'000});
}
double seconds(TimestampNs time) { return static_cast<double>(time) * 1e-9; }

/// Places where decoding can begin; the first packet where the file marks none.
std::vector<VideoIndex::Key> keys_in(const std::vector<PacketRow>& rows) {
  std::vector<VideoIndex::Key> keys;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].is_key) keys.push_back({rows[i].pts, rows[i].dts, rows[i].position, static_cast<std::uint32_t>(i), 0});
  if (keys.empty() && !rows.empty()) keys.push_back({rows[0].pts, rows[0].dts, rows[0].position, 0, 0});
  return keys;
}

void sort_by_time(std::vector<VideoIndex::Shown>& shown, VideoIndex& index) {
  std::ranges::stable_sort(shown, {}, &VideoIndex::Shown::time);
  const std::size_t before = shown.size();
  const auto same = std::ranges::unique(shown, {}, &VideoIndex::Shown::time);
  shown.erase(same.begin(), same.end());
  if (shown.size() < before)
    index.notes.push_back(
        fmt::format("{} of {} pictures have the time of another one and are not shown", before - shown.size(), before));
}

/// Pictures by their packets' presentation times.
void index_by_times(const std::vector<PacketRow>& rows, const AVStream& stream, VideoIndex& index) {
  index.keys = keys_in(rows);
  const VideoIndex::Key& first = index.keys.front();
  std::size_t headless = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].is_shown) continue;
    if (i < first.packet || rows[i].pts < first.pts) {
      ++headless;
    } else {
      index.shown.push_back({rows[i].pts, nanoseconds(rows[i].pts, stream), static_cast<std::uint32_t>(i)});
    }
  }
  if (headless > 0)
    index.notes.push_back(fmt::format(
        "{} pictures before the first key picture are not shown: what they are made from is missing", headless));
  sort_by_time(index.shown, index);
  for (VideoIndex::Key& key : index.keys)
    key.first_shown = static_cast<std::uint32_t>(
        std::ranges::lower_bound(index.shown, key.pts, {}, &VideoIndex::Shown::tag) - index.shown.begin());
}

/// Pictures in the order in which they come out of the decoder, for packets that have times of decoding alone: the n-th
/// picture is shown at the n-th of those times.
Result<void> index_by_decoding(const std::filesystem::path& file, const std::vector<PacketRow>& rows,
                               VideoIndex& index) {
  auto demuxer = Demuxer::open(file);
  if (!demuxer) return demuxer.error();
  auto decoder = Decoder::make(*demuxer, Decoder::On::damage_shown);
  if (!decoder) return decoder.error();
  std::map<std::int64_t, std::uint32_t> packet_at;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].position >= 0 && packet_at.emplace(rows[i].position, static_cast<std::uint32_t>(i)).second) continue;
    return Error{fmt::format(
        "expected a video whose pictures have presentation times, got {} where many have none and share their place in "
        "the file: put it into another container (ffmpeg -fflags +genpts -i IN -c copy OUT.mkv): {}",
        index.container, file.string())};
  }
  std::map<std::uint32_t, std::uint32_t> picture_of_packet;
  std::vector<std::int64_t> times;
  const PacketPtr packet(av_packet_alloc());
  const FramePtr frame(av_frame_alloc());
  const auto take = [&] {
    while (decoder->receive(*frame) == 0) {
      const auto from = packet_at.find(frame->pkt_pos);
      if (from == packet_at.end() || picture_of_packet.contains(from->second)) continue;
      if (rows[from->second].dts == no_pts) continue;
      picture_of_packet[from->second] = static_cast<std::uint32_t>(index.shown.size());
      index.shown.push_back({frame->pkt_pos, 0, from->second});
      times.push_back(rows[from->second].dts);
    }
  };
  for (std::size_t i = 0; i < rows.size() && demuxer->read(*packet) == 0; ++i) {
    decoder->send(packet.get());
    take();
  }
  decoder->send(nullptr);
  take();
  std::ranges::sort(times);
  for (std::size_t i = 0; i < times.size(); ++i) index.shown[i].time = nanoseconds(times[i], demuxer->stream());
  index.is_by_position = true;
  for (VideoIndex::Key key : keys_in(rows)) {
    const auto picture = picture_of_packet.find(key.packet);
    if (picture == picture_of_packet.end() && key.packet != 0) continue;
    key.first_shown = picture == picture_of_packet.end() ? 0 : picture->second;
    index.keys.push_back(key);
  }
  const auto is_not_later = [](TimestampNs a, TimestampNs b) { return b <= a; };
  const bool is_in_order =
      std::ranges::adjacent_find(index.shown, is_not_later, &VideoIndex::Shown::time) == index.shown.end();
  if (!is_in_order || index.shown.empty())
    return Error{fmt::format("expected a video whose pictures have times, got {} packets without: {}", rows.size(),
                             file.string())};
  return {};
}

/// Where a file that was cut off ends, if it says how long it should be.
void note_end(const Demuxer& demuxer, const PacketRows& packets, VideoIndex& index) {
  const AVStream& stream = demuxer.stream();
  const double last = seconds(index.shown.back().time);
  const auto named = static_cast<std::size_t>(std::max<std::int64_t>(stream.nb_frames, 0));
  if (packets.is_last_half || packets.end != AVERROR_EOF) {
    index.notes.push_back(fmt::format("the file is damaged or cut off behind picture {} at {:.3f} s{}",
                                      index.shown.size() - 1, last,
                                      named > packets.rows.size() ? fmt::format(": it names {}", named) : ""));
  } else if (named > packets.rows.size()) {
    index.notes.push_back(fmt::format("the file is cut off behind picture {} at {:.3f} s: it names {} pictures",
                                      index.shown.size() - 1, last, named));
  } else if (named == 0 && demuxer.format().duration > 0) {
    const double whole = static_cast<double>(demuxer.format().duration) / AV_TIME_BASE,
                 shown = last - seconds(index.shown.front().time);
    // Sound may last longer than pictures do.
    const double one = shown / static_cast<double>(std::max<std::size_t>(index.shown.size() - 1, 1)),
                 tolerance_s = demuxer.format().nb_streams > 1 ? std::max(1.5, 0.02 * whole) : 2.5 * one;
    if (whole > shown + tolerance_s)
      index.notes.push_back(
          fmt::format("the file says that it lasts {:.2f} s, and its pictures end behind {:.2f} s: it may be cut off",
                      whole, shown));
  }
}

void note_looks(const Demuxer& demuxer, VideoIndex& index) {
  bool is_exact = true;
  index.orientation = demuxer.orientation(is_exact);
  const AVCodecParameters& parameters = *demuxer.stream().codecpar;
  index.width = static_cast<std::uint32_t>(parameters.width);
  index.height = static_cast<std::uint32_t>(parameters.height);
  if (swaps_sides(index.orientation)) std::swap(index.width, index.height);
  index.codec = avcodec_get_name(parameters.codec_id);
  index.container = demuxer.format().iformat->name;
  if (!is_exact)
    index.notes.emplace_back("the file asks for its pictures to be turned by an odd angle: they are as stored");
  const AVRational pixel = demuxer.stream().sample_aspect_ratio;
  if (pixel.num > 0 && pixel.den > 0 && pixel.num != pixel.den)
    index.notes.push_back(
        fmt::format("pixels are {}:{} and not square: pictures are in the pixels of the file", pixel.num, pixel.den));
  if (demuxer.video_streams() > 1)
    index.notes.push_back(fmt::format("{} streams of pictures: that of number {} is shown", demuxer.video_streams(),
                                      demuxer.stream().index));
}

}  // namespace

std::size_t VideoIndex::key_of(std::size_t picture) const {
  const auto behind = std::ranges::upper_bound(keys, shown[picture].packet, {}, &Key::packet);
  auto at = static_cast<std::size_t>(behind - keys.begin());
  if (at > 0) --at;
  while (at > 0 && keys[at].first_shown > picture) --at;
  return at;
}

Result<VideoIndex> index_video(const std::filesystem::path& file) {
  auto demuxer = Demuxer::open(file);
  if (!demuxer) return demuxer.error();
  VideoIndex index;
  note_looks(*demuxer, index);
  const PacketRows packets = read_packets(*demuxer);
  const bool is_timed = std::ranges::all_of(
      packets.rows, [](const PacketRow& row) { return row.pts != no_pts || (!row.is_shown && !row.is_key); });
  index.packets = static_cast<std::uint32_t>(packets.rows.size());
  if (!packets.rows.empty()) {
    if (is_timed) {
      index_by_times(packets.rows, demuxer->stream(), index);
    } else if (auto made = index_by_decoding(file, packets.rows, index); !made) {
      return made.error();
    }
  }
  if (index.shown.empty())
    return Error{fmt::format("expected a video with pictures, got {} ({}) with {} packets and no picture: {}",
                             index.container, index.codec, packets.rows.size(), file.string())};
  note_end(*demuxer, packets, index);
  return index;
}

}  // namespace sweepmark
