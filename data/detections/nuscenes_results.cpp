// SPDX-License-Identifier: Apache-2.0
//
// Source: https://github.com/nutonomy/nuscenes-devkit, nuScenes detection task, "Results format".
#include <fmt/format.h>
#include <simdjson.h>

#include <cmath>

#include "data/detections/detection_file.h"
#include "kernels/math/rigid.h"

namespace sweepmark {
namespace od = simdjson::ondemand;
namespace {

struct BadResult {
  std::string where, expected;
};

class Box {
 public:
  Box(od::object& object, std::string where) : object_(object), where_(std::move(where)) {}

  template <std::size_t count>
  std::array<double, count> numbers(const char* name) {
    std::array<double, count> values{};
    std::size_t i = 0;
    od::array array;
    if (object_.find_field_unordered(name).get_array().get(array) != simdjson::SUCCESS) fail(name, count);
    for (auto element : array) {
      double value = 0;
      if (i == count || element.get_double().get(value) != simdjson::SUCCESS || !std::isfinite(value))
        fail(name, count);
      values[i++] = value;
    }
    if (i != count) fail(name, count);
    return values;
  }
  double number(const char* name) {
    double value = 0;
    if (object_.find_field_unordered(name).get_double().get(value) != simdjson::SUCCESS)
      throw BadResult{where_ + "/" + name, "a number"};
    return value;
  }
  std::string text(const char* name) {
    std::string_view value;
    if (object_.find_field_unordered(name).get_string().get(value) != simdjson::SUCCESS)
      throw BadResult{where_ + "/" + name, "a text"};
    return std::string(value);
  }
  const std::string& where() const { return where_; }

 private:
  [[noreturn]] void fail(const char* name, std::size_t count) const {
    throw BadResult{where_ + "/" + name, fmt::format("an array of {} finite numbers", count)};
  }
  od::object& object_;
  std::string where_;
};

Detection read_box(Box box) {
  const auto t = box.numbers<3>("translation"), wlh = box.numbers<3>("size");
  const auto r = box.numbers<4>("rotation");
  if (!(wlh[0] > 0 && wlh[1] > 0 && wlh[2] > 0)) throw BadResult{box.where() + "/size", "sizes above 0"};
  const Quat q{r[0], r[1], r[2], r[3]};
  if (!(std::abs(std::sqrt(dot(q, q)) - 1) <= 1e-3)) throw BadResult{box.where() + "/rotation", "a unit quaternion"};
  const double score = box.number("detection_score");
  if (!(score >= 0 && score <= 1))
    throw BadResult{box.where() + "/detection_score", fmt::format("a score from 0 to 1, got {}", score)};
  return {{{t[0], t[1], t[2]}, {wlh[1], wlh[0], wlh[2]}, normalized(q)}, box.text("detection_name"), score};
}

}  // namespace

Result<void> DetectionFile::read_nuscenes(const std::filesystem::path& file) {
  simdjson::padded_string content;
  if (simdjson::padded_string::load(file.string()).get(content) != simdjson::SUCCESS)
    return Error{fmt::format("cannot be read: {}", file.string())};
  try {
    od::parser parser;
    od::document document = parser.iterate(content);
    od::object root = document.get_object();
    od::object results;
    if (root.find_field_unordered("results").get_object().get(results) != simdjson::SUCCESS)
      throw BadResult{"/results", "boxes by the tokens of samples"};
    for (auto field : results) {
      const std::string token{std::string_view(field.unescaped_key())};
      const std::string where = "/results/" + token;
      od::array boxes;
      if (field.value().get_array().get(boxes) != simdjson::SUCCESS) throw BadResult{where, "an array of boxes"};
      std::vector<Detection>& detections = of_sample_[token];
      std::size_t i = 0;
      for (auto element : boxes) {
        const std::string at = fmt::format("{}/{}", where, i++);
        od::object object;
        if (element.get_object().get(object) != simdjson::SUCCESS) throw BadResult{at, "an object"};
        detections.push_back(read_box({object, at}));
      }
    }
  } catch (const BadResult& bad) {
    return Error{fmt::format("{}: expected {}: {}", bad.where, bad.expected, file.string())};
  } catch (const simdjson::simdjson_error& error) {
    return Error{fmt::format("not valid JSON ({}): {}", error.what(), file.string())};
  }
  return {};
}

}  // namespace sweepmark
