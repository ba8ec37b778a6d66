// SPDX-License-Identifier: Apache-2.0
#include "quality/accuracy_plot.h"

#include <cairo.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>

#include "data/atomic_file.h"

namespace sweepmark {
namespace {

constexpr int width = 1280, height = 560;

struct Color {
  double r, g, b;
};
constexpr Color ink{0.13, 0.15, 0.18}, faint{0.86, 0.88, 0.90}, soft{0.42, 0.45, 0.50};
constexpr std::array colors = {Color{0.07, 0.45, 0.70}, Color{0.84, 0.37, 0.00}, Color{0.20, 0.60, 0.35}};

/// A rectangle of the picture with its own axes.
class Panel {
 public:
  Panel(cairo_t* cairo, double left, double top, double w, double h)
      : cairo_(cairo), left_(left), top_(top), width_(w), height_(h) {}

  void axes(const std::string& title, const std::string& x_label, const std::string& y_label, double x_max,
            double y_max, double x_step, double y_step, const char* y_unit) {
    x_max_ = x_max;
    y_max_ = y_max;
    for (double y = 0; y <= y_max * 1.0001; y += y_step) {
      line(faint, 1, {{0, y}, {x_max, y}});
      text(fmt::format("{:.3g}{}", y, y_unit), left_ - 8, py(y) + 4, 12, soft, 1);
    }
    for (double x = 0; x <= x_max * 1.0001; x += x_step)
      text(fmt::format("{:.3g}", x), px(x), top_ + height_ + 20, 12, soft, 0.5);
    line(soft, 1.2, {{0, 0}, {x_max, 0}});
    text(title, left_, top_ - 16, 15, ink, 0, true);
    text(x_label, left_ + width_ / 2, top_ + height_ + 42, 13, ink, 0.5);
    cairo_save(cairo_);
    cairo_translate(cairo_, left_ - 52, top_ + height_ / 2);
    cairo_rotate(cairo_, -std::acos(0.0));
    text(y_label, 0, 0, 13, ink, 0.5);
    cairo_restore(cairo_);
  }

  struct Place {
    double x, y;
  };
  void line(Color color, double thickness, const std::vector<Place>& places, bool dashed = false) {
    set(color);
    cairo_set_line_width(cairo_, thickness);
    const double dash[] = {5, 4};
    cairo_set_dash(cairo_, dash, dashed ? 2 : 0, 0);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const double x = px(places[i].x), y = py(std::min(places[i].y, y_max_));
      i == 0 ? cairo_move_to(cairo_, x, y) : cairo_line_to(cairo_, x, y);
    }
    cairo_stroke(cairo_);
    cairo_set_dash(cairo_, dash, 0, 0);
  }
  void dot(Color color, Place place) {
    if (place.y > y_max_) return;
    set(color);
    cairo_arc(cairo_, px(place.x), py(place.y), 3.2, 0, 7);
    cairo_fill(cairo_);
  }
  void bar(Color color, double x0, double x1, double y) {
    cairo_set_source_rgba(cairo_, color.r, color.g, color.b, 0.85);
    cairo_rectangle(cairo_, px(x0), py(y), px(x1) - px(x0), py(0) - py(y));
    cairo_fill(cairo_);
  }
  /// \param align  0 left, 0.5 centre, 1 right
  void text(const std::string& words, double x, double y, double size, Color color, double align, bool bold = false) {
    cairo_select_font_face(cairo_, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo_, size);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo_, words.c_str(), &extents);
    set(color);
    cairo_move_to(cairo_, x - align * extents.x_advance, y);
    cairo_show_text(cairo_, words.c_str());
  }

 private:
  void set(Color c) { cairo_set_source_rgb(cairo_, c.r, c.g, c.b); }
  double px(double x) const { return left_ + width_ * x / x_max_; }
  double py(double y) const { return top_ + height_ * (1 - y / y_max_); }

  cairo_t* cairo_;
  double left_, top_, width_, height_, x_max_ = 1, y_max_ = 1;
};

/// A step of 1, 2 or 5 times a power of ten that gives about five ticks.
double tick_step(double largest) {
  const double raw = largest / 5, power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw) return factor * power;
  }
  return 10 * power;
}

void draw_iou(Panel panel, const std::vector<AccuracySeries>& series) {
  constexpr int bins = 20;
  std::vector<std::array<double, bins>> shares(series.size());
  double most = 0;
  for (std::size_t s = 0; s < series.size(); ++s) {
    shares[s].fill(0);
    for (const Prediction& p : series[s].predictions)
      shares[s][static_cast<std::size_t>(std::clamp(static_cast<int>(p.iou * bins), 0, bins - 1))] += 1;
    for (double& share : shares[s])
      most =
          std::max(most, share *= 100.0 / static_cast<double>(std::max<std::size_t>(1, series[s].predictions.size())));
  }
  const double step = tick_step(most), top = std::ceil(most / step) * step;
  panel.axes("Overlap of predicted and labelled cuboids", "3D IoU", "share of predictions", 1, top, 0.1, step, " %");
  const double bin = 1.0 / bins, bar = 0.84 * bin / static_cast<double>(series.size());
  for (std::size_t s = 0; s < series.size(); ++s) {
    for (int b = 0; b < bins; ++b) {
      const double x = bin * (b + 0.08) + bar * static_cast<double>(s);
      panel.bar(colors[s % colors.size()], x, x + bar, shares[s][static_cast<std::size_t>(b)]);
    }
  }
}

void draw_errors(Panel panel, const std::vector<AccuracySeries>& series) {
  // Gaps fall into at most 24 classes of equal width.
  double longest = 0;
  for (const auto& s : series) {
    for (const Prediction& p : s.predictions) longest = std::max(longest, p.gap_s);
  }
  const double class_width = std::max(longest / 24, 0.1);
  std::vector<std::map<int, std::vector<double>>> errors(series.size());
  for (std::size_t s = 0; s < series.size(); ++s) {
    for (const Prediction& p : series[s].predictions)
      errors[s][static_cast<int>(std::lround(p.gap_s / class_width))].push_back(p.center_error_m);
  }
  double most = 0.01;
  std::vector<std::vector<Panel::Place>> medians(series.size()), tails(series.size());
  for (std::size_t s = 0; s < series.size(); ++s) {
    for (auto& [gap, values] : errors[s]) {
      const Spread spread = spread_of(values);
      medians[s].push_back({gap * class_width, spread.median});
      tails[s].push_back({gap * class_width, spread.p95});
      most = std::max(most, spread.p95);
    }
  }
  const double x_step = tick_step(longest + class_width), step = tick_step(most);
  panel.axes("Centre error over the gap between keyframes", "gap (s)", "centre error (m)",
             std::ceil((longest + 0.5 * class_width) / x_step) * x_step, std::ceil(most / step) * step, x_step, step,
             "");
  for (std::size_t s = 0; s < series.size(); ++s) {
    const Color color = colors[s % colors.size()];
    panel.line(color, 1.2, tails[s], true);
    panel.line(color, 2.2, medians[s]);
    for (const auto& place : medians[s]) panel.dot(color, place);
    for (const auto& place : tails[s]) panel.dot(color, place);
  }
}

}  // namespace

Result<void> plot_accuracy(const std::vector<AccuracySeries>& series, const std::string& title,
                           const std::filesystem::path& out) {
  if (std::ranges::all_of(series, [](const AccuracySeries& s) { return s.predictions.empty(); }))
    return Error{fmt::format("nothing was predicted, so there is nothing to plot: {}", out.string())};
  const std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)> surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height), cairo_surface_destroy);
  const std::unique_ptr<cairo_t, void (*)(cairo_t*)> cairo(cairo_create(surface.get()), cairo_destroy);
  cairo_set_source_rgb(cairo.get(), 1, 1, 1);
  cairo_paint(cairo.get());
  Panel heading(cairo.get(), 0, 0, width, height);
  heading.text(title, 80, 36, 18, ink, 0, true);
  double x = 80;
  for (std::size_t s = 0; s < series.size(); ++s) {
    const AccuracySummary summary = summarise(series[s].predictions);
    const std::string label =
        fmt::format("{}: mean IoU {:.3f}, {} predictions", series[s].name, summary.mean_iou, summary.predicted);
    heading.text("\u25A0", x, 60, 16, colors[s % colors.size()], 0);
    heading.text(label, x + 18, 60, 13, ink, 0);
    x += 340;
  }
  heading.text("solid: median, dashed: 95th percentile", width - 40, 60, 12, soft, 1);
  draw_iou(Panel(cairo.get(), 90, 118, 500, 370), series);
  draw_errors(Panel(cairo.get(), 730, 118, 500, 370), series);
  cairo_surface_flush(surface.get());
  AtomicFile file(out);
  if (const cairo_status_t status = cairo_surface_write_to_png(surface.get(), file.temporary_path().c_str());
      status != CAIRO_STATUS_SUCCESS) {
    return Error{fmt::format("cannot write the plot ({}): {}", cairo_status_to_string(status), out.string())};
  }
  return file.commit();
}

}  // namespace sweepmark
