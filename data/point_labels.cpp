// SPDX-License-Identifier: Apache-2.0
#include "data/point_labels.h"

#include <fmt/format.h>

#include <cstring>

#include "data/formats/npz.h"
#include "data/formats/text.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

/// nuScenes panoptic: class * 1000 + instance.
constexpr std::uint32_t panoptic_base = 1000;

template <class Make>
Result<std::string> bytes_of(const PointLabels& labels, Make make) {
  std::string bytes;
  for (std::size_t i = 0; i < labels.classes.size(); ++i) {
    const std::uint32_t instance = labels.instances.empty() ? 0 : labels.instances[i];
    if (auto added = make(labels.classes[i], instance, bytes); !added)
      return Error{fmt::format("point {}: {}", i, added.error().message)};
  }
  return bytes;
}

Error too_large(std::string_view what, std::uint32_t value, std::uint32_t most) {
  return Error{fmt::format("expected {} up to {}, got {}", what, most, value)};
}

}  // namespace

Result<PointLabels> parse_point_labels(const std::string& bytes, PointLabelKind kind, const fs::path& file) {
  PointLabels labels;
  switch (kind) {
    case PointLabelKind::semantic_kitti: {
      if (bytes.size() % 4 != 0)
        return Error{fmt::format("truncated: expected a multiple of 4 bytes (uint32 a point), got {} bytes: {}",
                                 bytes.size(), file.string())};
      for (std::size_t i = 0; i < bytes.size(); i += 4) {
        std::uint32_t value = 0;
        std::memcpy(&value, bytes.data() + i, 4);
        labels.classes.push_back(static_cast<std::uint16_t>(value & 0xFFFF));
        labels.instances.push_back(value >> 16);
      }
      return labels;
    }
    case PointLabelKind::class_bytes:
      for (const char c : bytes) labels.classes.push_back(static_cast<unsigned char>(c));
      return labels;
    case PointLabelKind::nuscenes_panoptic: {
      auto values = npz_integers(bytes, "data", file);
      if (!values) return values.error();
      for (std::size_t i = 0; i < values->size(); ++i) {
        const std::int64_t value = (*values)[i];
        if (value < 0 || value >= 65536LL * panoptic_base)
          return Error{fmt::format("point {}: expected class * 1000 + instance, got {}: {}", i, value, file.string())};
        labels.classes.push_back(static_cast<std::uint16_t>(value / panoptic_base));
        labels.instances.push_back(static_cast<std::uint32_t>(value % panoptic_base));
      }
      return labels;
    }
  }
  SWEEPMARK_EXPECTS(false);
  return Error{};
}

Result<std::string> point_label_bytes(const PointLabels& labels, PointLabelKind kind) {
  switch (kind) {
    case PointLabelKind::semantic_kitti:
      return bytes_of(labels, [](std::uint16_t c, std::uint32_t instance, std::string& bytes) -> Result<void> {
        if (instance > 0xFFFF) return too_large("an instance", instance, 0xFFFF);
        const std::uint32_t value = c | instance << 16;
        bytes.append(reinterpret_cast<const char*>(&value), 4);
        return {};
      });
    case PointLabelKind::class_bytes:
      return bytes_of(labels, [](std::uint16_t c, std::uint32_t, std::string& bytes) -> Result<void> {
        if (c > 0xFF) return too_large("a class", c, 0xFF);
        bytes.push_back(static_cast<char>(c));
        return {};
      });
    case PointLabelKind::nuscenes_panoptic: {
      std::vector<std::uint16_t> values;
      for (std::size_t i = 0; i < labels.classes.size(); ++i) {
        const std::uint32_t instance = labels.instances.empty() ? 0 : labels.instances[i];
        if (instance >= panoptic_base || labels.classes[i] > 64)
          return Error{fmt::format("point {}: expected a class up to 64 and an instance below 1000, got {} and {}", i,
                                   labels.classes[i], instance)};
        values.push_back(static_cast<std::uint16_t>(labels.classes[i] * panoptic_base + instance));
      }
      return npz_bytes("data", values);
    }
  }
  SWEEPMARK_EXPECTS(false);
  return Error{};
}

Result<PointLabels> read_point_labels(const SweepPointLabels& labels) {
  if (labels.values != nullptr) return *labels.values;
  auto bytes = read_file(labels.file);
  if (!bytes) return bytes.error();
  return parse_point_labels(*bytes, labels.kind, labels.file);
}

}  // namespace sweepmark
