// SPDX-License-Identifier: Apache-2.0
//
// Source: https://github.com/nutonomy/nuscenes-devkit, nuScenes detection task, "Results format".
#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>
#include <fstream>

#include "data/detections/detection_file.h"
#include "data/formats/record_stream.h"
#include "kernels/math/rigid.h"

namespace sweepmark {
namespace od = simdjson::ondemand;
namespace {

struct BadResult {
  std::string where, expected;
};

/// What stands at a field, for messages. A parser of its own: the one that failed cannot go on.
std::string shown(std::string_view box, const char* name) {
  const simdjson::padded_string text(box);
  od::parser parser;
  od::document document;
  od::object object;
  od::value value;
  std::string_view raw;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS || document.get_object().get(object) != simdjson::SUCCESS)
    return "no object";
  if (object.find_field_unordered(name).get(value) != simdjson::SUCCESS) return "nothing";
  if (simdjson::to_json_string(value).get(raw) != simdjson::SUCCESS) return "no JSON";
  constexpr std::size_t longest = 60;
  return raw.size() > longest ? std::string(raw.substr(0, longest - 3)) + "..." : std::string(raw);
}

class Box {
 public:
  /// \param raw  the object's text
  Box(od::object& object, std::string_view raw, std::string where)
      : object_(object), raw_(raw), where_(std::move(where)) {}

  template <std::size_t count>
  std::array<double, count> numbers(const char* name) {
    std::array<double, count> values{};
    std::size_t i = 0;
    od::array array;
    const std::string expected = fmt::format("an array of {} finite numbers", count);
    if (object_.find_field_unordered(name).get_array().get(array) != simdjson::SUCCESS) fail(name, expected);
    for (auto element : array) {
      double value = 0;
      if (i == count || element.get_double().get(value) != simdjson::SUCCESS || !std::isfinite(value))
        fail(name, expected);
      values[i++] = value;
    }
    if (i != count) fail(name, expected);
    return values;
  }
  double number(const char* name) {
    double value = 0;
    if (object_.find_field_unordered(name).get_double().get(value) != simdjson::SUCCESS) fail(name, "a number");
    return value;
  }
  std::string text(const char* name) {
    std::string_view value;
    if (object_.find_field_unordered(name).get_string().get(value) != simdjson::SUCCESS) fail(name, "a text");
    return std::string(value);
  }
  [[noreturn]] void fail(const char* name, const std::string& expected) const {
    throw BadResult{where_ + "/" + name, fmt::format("{}, got {}", expected, shown(raw_, name))};
  }

 private:
  od::object& object_;
  std::string_view raw_;
  std::string where_;
};

Detection read_box(Box box) {
  const auto t = box.numbers<3>("translation"), wlh = box.numbers<3>("size");
  const auto r = box.numbers<4>("rotation");
  if (!(wlh[0] > 0 && wlh[1] > 0 && wlh[2] > 0)) box.fail("size", "sizes above 0");
  const Quat q{r[0], r[1], r[2], r[3]};
  if (!(std::abs(std::sqrt(dot(q, q)) - 1) <= 1e-3)) box.fail("rotation", "a unit quaternion");
  const double score = box.number("detection_score");
  if (!(score >= 0 && score <= 1)) box.fail("detection_score", "a score from 0 to 1");
  return {{{t[0], t[1], t[2]}, {wlh[1], wlh[0], wlh[2]}, normalized(q)}, box.text("detection_name"), score};
}

/// The boxes of one sample. Throws BadResult and simdjson's errors.
std::vector<Detection> read_boxes(od::parser& parser, simdjson::padded_string_view text, const std::string& where) {
  std::vector<Detection> detections;
  od::document document = parser.iterate(text);
  od::array boxes = document.get_array();
  for (auto element : boxes) {
    const std::string at = fmt::format("{}/{}", where, detections.size());
    od::object object;
    if (element.get_object().get(object) != simdjson::SUCCESS) throw BadResult{at, "an object"};
    const std::string_view raw = object.raw_json();
    if (object.reset().error() != simdjson::SUCCESS) throw BadResult{at, "an object"};
    detections.push_back(read_box({object, raw, at}));
  }
  return detections;
}

}  // namespace

Result<void> DetectionFile::index_nuscenes(const std::filesystem::path& file) {
  std::optional<Error> twice;
  const auto read = each_array_of(file, "results", [&](const MemberText& sample) {
    const auto [at, is_new] = of_sample_.try_emplace(std::string(sample.key), Bytes{sample.offset, sample.text.size()});
    if (!is_new && !twice)
      twice = Error{fmt::format("/results/{}: expected each sample once, got it again at byte {}: {}", at->first,
                                sample.offset, file.string())};
  });
  if (!read) return read.error();
  if (twice) return *twice;
  return {};
}

Result<std::size_t> DetectionFile::read_samples(const std::map<std::string, TimestampNs>& times,
                                                std::map<TimestampNs, std::vector<Detection>>& out) const {
  std::ifstream in(path_, std::ios::binary);
  od::parser parser;
  std::string text, where;
  std::size_t found = 0;
  try {
    for (const auto& [token, time] : times) {
      const auto place = of_sample_.find(token);
      if (place == of_sample_.end()) continue;
      where = "/results/" + token;
      text.assign(place->second.length + simdjson::SIMDJSON_PADDING, ' ');
      in.seekg(static_cast<std::streamoff>(place->second.offset));
      if (!in.read(text.data(), static_cast<std::streamsize>(place->second.length)))
        throw BadResult{where, fmt::format("{} bytes that can be read", place->second.length)};
      out[time] =
          read_boxes(parser, simdjson::padded_string_view(text.data(), place->second.length, text.size()), where);
      ++found;
    }
  } catch (const BadResult& bad) {
    return Error{fmt::format("{}: expected {}: {}", bad.where, bad.expected, path_.string())};
  } catch (const simdjson::simdjson_error& error) {
    return Error{fmt::format("{}: not valid JSON ({}): {}", where, error.what(), path_.string())};
  }
  return found;
}

}  // namespace sweepmark
