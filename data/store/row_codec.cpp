// SPDX-License-Identifier: Apache-2.0
#include "data/store/row_codec.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

namespace sweepmark {
namespace {

static_assert(std::endian::native == std::endian::little, "the file format is little-endian");

/// Numbers as they lie in memory; texts, whose bytes may be anything, with their length in front.
class Writer {
 public:
  template <class Number>
  void put(Number value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put(const std::string& text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  void put(const Attributes& attributes) {
    put(static_cast<std::uint32_t>(attributes.size()));
    for (const auto& [name, value] : attributes) {
      put(name);
      put(value);
    }
  }
  std::string take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// After a failed read `good` is false and all that follows is empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <class Number>
  Number number() {
    Number value{};
    if (good_ = good_ && left_.size() >= sizeof value; !good_) return value;
    std::memcpy(&value, left_.data(), sizeof value);
    left_.remove_prefix(sizeof value);
    return value;
  }
  std::string text() {
    const auto size = number<std::uint32_t>();
    if (good_ = good_ && left_.size() >= size; !good_) return {};
    std::string text(left_.substr(0, size));
    left_.remove_prefix(size);
    return text;
  }
  Attributes attributes() {
    Attributes attributes;
    for (auto count = number<std::uint32_t>(); good_ && count > 0; --count) {
      std::string name = text();
      attributes.insert_or_assign(std::move(name), text());
    }
    return attributes;
  }
  bool is_good() const { return good_; }
  bool is_complete() const { return good_ && left_.empty(); }

 private:
  std::string_view left_;
  bool good_ = true;
};

}  // namespace

std::string encode(const TrackHeader& header) {
  Writer writer;
  writer.put(header.class_name);
  writer.put(header.attributes);
  writer.put(static_cast<std::uint32_t>(header.absences.size()));
  for (const AbsenceSpan& span : header.absences) {
    writer.put(span.begin);
    writer.put(span.end);
  }
  return std::move(writer).take();
}

std::string encode(const KeyframeValue& value) {
  const Cuboid& c = value.cuboid;
  Writer writer;
  for (const double number : {c.center.x, c.center.y, c.center.z, c.size.x, c.size.y, c.size.z, c.rotation.w,
                              c.rotation.x, c.rotation.y, c.rotation.z})
    writer.put(number);
  writer.put(static_cast<std::uint8_t>(value.stored_count ? 1 : 0));
  writer.put(value.stored_count.value_or(0));
  writer.put(value.attributes);
  return std::move(writer).take();
}

std::optional<TrackHeader> decode_header(std::string_view bytes) {
  Reader reader(bytes);
  TrackHeader header;
  header.class_name = reader.text();
  header.attributes = reader.attributes();
  for (auto count = reader.number<std::uint32_t>(); reader.is_good() && count > 0; --count) {
    const auto begin = reader.number<TimestampNs>();
    header.absences.push_back({begin, reader.number<TimestampNs>()});
  }
  if (!reader.is_complete()) return std::nullopt;
  return header;
}

std::optional<KeyframeValue> decode_keyframe(std::string_view bytes) {
  Reader reader(bytes);
  std::array<double, 10> n{};
  for (double& number : n) {
    number = reader.number<double>();
    if (!std::isfinite(number)) return std::nullopt;
  }
  KeyframeValue value{{{n[0], n[1], n[2]}, {n[3], n[4], n[5]}, {n[6], n[7], n[8], n[9]}}, {}, {}};
  const bool has_count = reader.number<std::uint8_t>() != 0;
  const auto count = reader.number<std::int64_t>();
  if (has_count) value.stored_count = count;
  value.attributes = reader.attributes();
  if (!reader.is_complete()) return std::nullopt;
  return value;
}

}  // namespace sweepmark
