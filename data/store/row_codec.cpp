// SPDX-License-Identifier: Apache-2.0
#include "data/store/row_codec.h"

#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstring>
#include <memory>
#include <type_traits>

#include "data/store/compressed.h"

namespace sweepmark {
namespace {

static_assert(std::endian::native == std::endian::little, "the file format is little-endian");

// Each kind of row has one function `fields`, which names its parts in order; the writer and the reader both go through
// it, so they cannot differ.

/// Numbers as they lie in memory; texts, whose bytes may be anything, with their length in front; lists with their
/// count.
class Writer {
 public:
  template <class Value>
  void operator()(const Value& value) {
    put(value);
  }
  /// Whether a part at the end of a row, which not every row has, follows. \param is_there  in the value
  bool has_more(bool is_there) const { return is_there; }
  std::string take() && { return std::move(bytes_); }

 private:
  template <class Number>
  requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void put(Number value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void put(const std::string& text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
  }
  template <class A, class B>
  void put(const std::pair<A, B>& pair) {
    put(pair.first);
    put(pair.second);
  }
  void put(const Attributes& attributes) {
    put(static_cast<std::uint32_t>(attributes.size()));
    for (const auto& entry : attributes) put(entry);
  }
  template <class Item>
  void put(const std::vector<Item>& items) {
    put(static_cast<std::uint32_t>(items.size()));
    for (const Item& item : items) put(item);
  }
  template <class Value>
  void put(const std::optional<Value>& value) {
    put(static_cast<std::uint8_t>(value ? 1 : 0));
    if (value) put(*value);
  }
  /// Runs of masks are mostly short, and alike from column to column: the difference to the run two before, 7 bits a
  /// byte.
  void put(const Mask& mask) {
    put(mask.width());
    put(mask.height());
    const auto runs = mask.runs();
    put(static_cast<std::uint32_t>(runs.size()));
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const std::int64_t step = std::int64_t{runs[i]} - (i < 2 ? 0 : std::int64_t{runs[i - 2]});
      auto bits = static_cast<std::uint64_t>(step) << 1 ^ static_cast<std::uint64_t>(step >> 63);  // small ones first
      for (; bits > 127; bits >>= 7) put(static_cast<std::uint8_t>(bits | 128));
      put(static_cast<std::uint8_t>(bits));
    }
  }
  template <class Value>
  requires std::is_class_v<Value>
  void put(const Value& value);

  std::string bytes_;
};

/// After a failed read `is_good` is false and all that follows is empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <class Value>
  void operator()(Value& value) {
    get(value);
  }
  /// As the writer's: in the bytes.
  bool has_more(bool) const { return good_ && !left_.empty(); }
  bool is_good() const { return good_; }
  bool is_complete() const { return good_ && left_.empty(); }

 private:
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void get(Number& value) {
    if (good_ = good_ && left_.size() >= sizeof value; !good_) return;
    if constexpr (std::is_same_v<Number, bool>) {
      value = left_[0] != 0;
    } else {
      std::memcpy(&value, left_.data(), sizeof value);
    }
    if constexpr (std::is_floating_point_v<Number>) good_ = std::isfinite(value);
    left_.remove_prefix(sizeof value);
  }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void get(Enum& value) {
    std::underlying_type_t<Enum> number{};
    get(number);
    good_ = good_ && number < value_count(Enum{});
    value = static_cast<Enum>(number);
  }
  static int value_count(RingKind) { return 3; }
  static int value_count(Visibility) { return 3; }
  static int value_count(AttributeKind) { return 4; }
  static int value_count(PointLabelKind) { return 3; }
  void get(std::string& text) {
    std::uint32_t size = 0;
    get(size);
    if (good_ = good_ && left_.size() >= size; !good_) return;
    text.assign(left_.substr(0, size));
    left_.remove_prefix(size);
  }
  template <class A, class B>
  void get(std::pair<A, B>& pair) {
    get(pair.first);
    get(pair.second);
  }
  void get(Attributes& attributes) {
    std::uint32_t count = 0;
    for (get(count); good_ && count > 0; --count) {
      std::pair<std::string, std::string> entry;
      get(entry);
      attributes.insert_or_assign(std::move(entry.first), std::move(entry.second));
    }
  }
  template <class Item>
  void get(std::vector<Item>& items) {
    std::uint32_t count = 0;
    for (get(count); good_ && count > 0; --count) get(items.emplace_back());
  }
  template <class Value>
  void get(std::optional<Value>& value) {
    std::uint8_t is_there = 0;
    get(is_there);
    if (good_ && is_there != 0) get(value.emplace());
  }
  void get(Mask& mask) {
    std::uint32_t width = 0, height = 0, count = 0;
    get(width);
    get(height);
    get(count);
    std::vector<std::uint32_t> runs;
    for (; good_ && count > 0; --count) {
      std::uint64_t bits = 0;
      std::uint8_t byte = 128;
      for (int shift = 0; good_ && (byte & 128) != 0; shift += 7) {
        get(byte);
        good_ = good_ && shift < 63;
        if (good_) bits |= std::uint64_t{byte & 127U} << shift;
      }
      std::int64_t run = static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
      if (runs.size() > 1) run += runs[runs.size() - 2];
      good_ = good_ && run >= 0 && run <= 0xFFFFFFFFLL;
      runs.push_back(static_cast<std::uint32_t>(run));
    }
    if (!good_) return;
    auto made = Mask::from_runs(width, height, runs);
    if (good_ = made.has_value(); good_) mask = *std::move(made);
  }
  template <class Value>
  requires std::is_class_v<Value>
  void get(Value& value);

  std::string_view left_;
  bool good_ = true;
};

// `Value` is const for the writer.
template <class Value, class Plain>
concept is_a = std::same_as<std::remove_const_t<Value>, Plain>;

template <class Io>
void fields(Io& io, is_a<AbsenceSpan> auto& v) {
  io(v.begin), io(v.end);
}
template <class Io>
void fields(Io& io, is_a<LaterClass> auto& v) {
  io(v.from), io(v.class_name);
}
template <class Io>
void fields(Io& io, is_a<TrackHeader> auto& v) {
  io(v.class_name), io(v.attributes), io(v.absences);
  // Only where there are some: headers of versions before 4 have none.
  if (io.has_more(!v.later_classes.empty())) io(v.later_classes);
}
template <class Io>
void fields(Io& io, is_a<Vec3d> auto& v) {
  io(v.x), io(v.y), io(v.z);
}
template <class Io>
void fields(Io& io, is_a<Quat> auto& v) {
  io(v.w), io(v.x), io(v.y), io(v.z);
}
template <class Io>
void fields(Io& io, is_a<Cuboid> auto& v) {
  io(v.center), io(v.size), io(v.rotation);
}
template <class Io>
void fields(Io& io, is_a<Vec2d> auto& v) {
  io(v.x), io(v.y);
}
template <class Io>
void fields(Io& io, is_a<ImageBox> auto& v) {
  io(v.left), io(v.top), io(v.right), io(v.bottom), io(v.rotation);
}
template <class Io>
void fields(Io& io, is_a<Ring> auto& v) {
  io(v.kind), io(v.vertices);
}
template <class Io>
void fields(Io& io, is_a<Polygon> auto& v) {
  io(v.rings);
}
template <class Io>
void fields(Io& io, is_a<Keypoint> auto& v) {
  io(v.position), io(v.visibility);
}
template <class Io>
void fields(Io& io, is_a<Skeleton> auto& v) {
  io(v.points);
}
template <class Io>
void fields(Io& io, is_a<ImageValue> auto& v) {
  io(v.box), io(v.polygon), io(v.mask), io(v.skeleton);
}
template <class Io>
void fields(Io& io, is_a<ImageKeyframeValue> auto& v) {
  io(v.value), io(v.attributes);
}
template <class Io>
void fields(Io& io, is_a<AttributeDefinition> auto& v) {
  io(v.name), io(v.kind), io(v.choices), io(v.default_value), io(v.changes_over_time);
}
template <class Io>
void fields(Io& io, is_a<ClassDefinition> auto& v) {
  io(v.name), io(v.number), io(v.parent), io(v.color), io(v.skeleton), io(v.is_countable), io(v.usual_size);
  io(v.attributes);
}
template <class Io>
void fields(Io& io, is_a<SkeletonDefinition> auto& v) {
  io(v.name), io(v.points), io(v.edges);
}
template <class Io>
void fields(Io& io, is_a<Event> auto& v) {
  io(v.id), io(v.class_name), io(v.begin), io(v.end), io(v.attributes), io(v.tracks);
}
template <class Io>
void fields(Io& io, is_a<ReviewComment> auto& v) {
  io(v.id), io(v.author), io(v.written), io(v.text), io(v.is_resolved), io(v.reply_to), io(v.track), io(v.camera);
  io(v.about);
}

template <class Io>
void fields(Io& io, is_a<PointClass> auto& v) {
  io(v.number), io(v.name);
}
template <class Io>
void fields(Io& io, is_a<PointLabels> auto& v) {
  io(v.classes), io(v.instances);
}

template <class Value>
requires std::is_class_v<Value>
void Writer::put(const Value& value) { fields(*this, value); }
template <class Value>
requires std::is_class_v<Value>
void Reader::get(Value& value) { fields(*this, value); }

/// A count is kept with a byte in front and its eight bytes even when there is none: the rows of version 1.
template <class Io>
void fields(Io& io, is_a<KeyframeValue> auto& v) {
  io(v.cuboid);
  auto has_count = static_cast<std::uint8_t>(v.stored_count ? 1 : 0);
  std::int64_t count = v.stored_count.value_or(0);
  io(has_count), io(count), io(v.attributes);
  if constexpr (!std::is_const_v<std::remove_reference_t<decltype(v)>>) {
    if (has_count != 0) v.stored_count = count;
  }
}

/// Values count and not the file that they once came from.
template <class Io>
void fields(Io& io, is_a<PointLabelValue> auto& v) {
  constexpr bool is_reading = !std::is_const_v<std::remove_reference_t<decltype(v)>>;
  auto has_values = static_cast<std::uint8_t>(v.values != nullptr ? 1 : 0);
  io(has_values);
  if constexpr (is_reading) {
    if (has_values != 0) {
      auto values = std::make_shared<PointLabels>();
      io(*values);
      v.values = std::move(values);
      return;
    }
    std::string file;
    io(file), io(v.kind);
    v.file = file;
  } else if (has_values != 0) {
    io(*v.values);
  } else {
    io(v.file.string()), io(v.kind);
  }
}

template <class Value>
std::string written(const Value& value) {
  Writer writer;
  fields(writer, value);
  return std::move(writer).take();
}

template <class Value>
bool read(std::string_view bytes, Value& value) {
  value = {};
  Reader reader(bytes);
  fields(reader, value);
  return reader.is_complete();
}

}  // namespace

std::string encode(const TrackHeader& value) { return written(value); }
std::string encode(const KeyframeValue& value) { return written(value); }
std::string encode(const ImageKeyframeValue& value) { return compressed(written(value)); }
std::string encode(const ClassDefinition& value) { return written(value); }
std::string encode(const SkeletonDefinition& value) { return written(value); }
std::string encode(const Event& value) { return written(value); }
std::string encode(const ReviewComment& value) { return written(value); }
std::string encode(const PointClass& value) { return written(value); }
std::string encode(const PointLabelValue& value) { return compressed(written(value)); }

bool decode(std::string_view bytes, TrackHeader& value) { return read(bytes, value); }
bool decode(std::string_view bytes, KeyframeValue& value) { return read(bytes, value); }
bool decode(std::string_view bytes, ImageKeyframeValue& value) {
  const auto plain = uncompressed(bytes);
  return plain && read(*plain, value);
}
bool decode(std::string_view bytes, ClassDefinition& value) { return read(bytes, value); }
bool decode(std::string_view bytes, SkeletonDefinition& value) { return read(bytes, value); }
bool decode(std::string_view bytes, Event& value) { return read(bytes, value); }
bool decode(std::string_view bytes, ReviewComment& value) { return read(bytes, value); }

bool decode(std::string_view bytes, PointClass& value) { return read(bytes, value); }
bool decode(std::string_view bytes, PointLabelValue& value) {
  const auto plain = uncompressed(bytes);
  return plain && read(*plain, value);
}

}  // namespace sweepmark
