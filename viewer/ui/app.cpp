// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/app.h"

#include <fmt/format.h>
#include <imgui.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "data/bad_row_text.h"
#include "data/conversion.h"
#include "data/image_file.h"
#include "data/open_scene.h"
#include "viewer/ui/main_window.h"
#include "viewer/ui/text_fit.h"
#include "viewer/ui/window.h"

namespace sweepmark::ui {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// Writes what comes in as a script, with the time between.
class Recorder {
 public:
  explicit Recorder(const std::filesystem::path& file) : file_(file) {
    if (!file.empty()) out_.open(file, std::ios::binary);
  }
  bool failed() const { return !file_.empty() && !out_; }
  void add(const editor::InputEvent& event) {
    if (!out_.is_open()) return;
    const auto now = Clock::now();
    const double passed = seconds_between(last_, now);
    if (passed > 0.02) out_ << editor::line_of(editor::Wait{std::min(passed, 2.0)}) << '\n';
    last_ = now;
    out_ << editor::line_of(event) << std::endl;  // flushed: what led to a crash is in the file
  }

 private:
  std::filesystem::path file_;
  std::ofstream out_;
  Clock::time_point last_ = Clock::now();
};

/// The program with or without a window.
class App {
 public:
  App(const AppOptions& options, editor::Document document, Window* window)
      : window_(window),
        gui_(static_cast<float>(options.scale.value_or(window != nullptr ? window->pixels_per_point() : 1))),
        renderer_(options.validation, window != nullptr ? &window->present_target() : nullptr),
        screen_(renderer_),
        work_(options.scene, std::move(document), options.ontology, options.author, options.now, options.keymap,
              renderer_, [this] {
                loaded_something_ = true;
                if (window_ != nullptr) Window::wake();
              }) {
    gui_.add(window != nullptr ? editor::WindowSize{window->width(), window->height()}
                               : editor::WindowSize{options.width, options.height});
    if (window != nullptr) share_clipboard();
    work_.session.go_to(static_cast<std::int64_t>(options.frame));
    if (!options.track.empty()) {
      work_.session.select(options.track);
      work_.run(editor::Action::focus, false);
    }
  }

  void add(const editor::InputEvent& event) { gui_.add(event); }
  bool has_input() const { return gui_.has_input(); }
  bool is_busy() const { return work_.is_busy(); }
  bool is_settled() const { return work_.is_settled(); }
  bool take_loaded_flag() { return loaded_something_.exchange(false); }
  std::string title() const {
    const auto& document = work_.session.document();
    const char* state = work_.refiner.is_busy()                                                  ? "refining"
                        : work_.follower.is_busy()                                               ? "following"
                        : !work_.is_settled() && !work_.playing                                  ? "loading"
                        : document.read_only_reason()                                            ? "read-only"
                        : work_.session.is_dragging() || work_.image_editor.labels.has_pending() ? "changing"
                                                                                                 : "saved";
    return fmt::format("{} - Sweepmark ({})", work_.session.scene().name, state);
  }

  void frame(double seconds) {
    main_.frame(gui_, work_, screen_, seconds);
    if (window_ != nullptr) screen_.present();
  }
  Result<void> save_picture(const std::filesystem::path& file) { return write_png(screen_.read(), file); }
  /// The key for a screenshot: numbered files in the current folder.
  void serve_screenshot_key() {
    if (!work_.screenshot_wanted) return;
    work_.screenshot_wanted = false;
    std::filesystem::path file;
    for (int number = 1; number < 10'000; ++number) {
      file = fmt::format("sweepmark-{:04}.png", number);
      if (!std::filesystem::exists(file)) break;
    }
    if (auto saved = save_picture(file); !saved) {
      work_.session.say(saved.error().message, true);
    } else {
      work_.session.say("Saved " + std::filesystem::absolute(file).string());
    }
  }
  Result<void> export_labels(const editor::Export& wanted) {
    const auto format = format_from_name(wanted.format);
    if (!format || !has_label_writer(*format))
      return Error{fmt::format("export {}: no such format that can be written", wanted.format)};
    const Conversion conversion = prepare_conversion(work_.session.edited_scene(), *format);
    if (!conversion.is_exact() && !wanted.lossy)
      return Error{fmt::format("export {}: would differ by {}; \"lossy\" writes it", wanted.format,
                               !conversion.losses.empty() ? conversion.losses.front().what
                               : !conversion.inventions.empty()
                                   ? conversion.inventions.front().what
                                   : count_in_words(conversion.left_out_rows) + ", left out")};
    return write(conversion, wanted.out);
  }
  Result<void> choose_class(const editor::ChooseClass& wanted) {
    if (!work_.session.selected_track()) return Error{fmt::format("class {}: no object is selected", wanted.name)};
    work_.class_from_here = wanted.from_here;
    work_.choose_class(wanted.name);
    if (const auto& failure = work_.session.write_failure()) return Error{*failure};
    return {};
  }
  bool wants_to_quit() const { return work_.quit_wanted; }
  bool has_message() const { return !work_.session.message().empty(); }
  AppReport report() const {
    AppReport report{.edits = work_.session.edits(),
                     .frame = work_.session.frame(),
                     .selected = work_.session.selected(),
                     .objects = {},
                     .enlarged = work_.enlarged_camera,
                     .message = work_.session.message(),
                     .device = renderer_.device_name(),
                     .validation_messages = renderer_.validation_messages()};
    for (const auto& object : work_.session.shown()) {
      const Track& track = work_.session.track(object);
      report.objects.push_back(
          {track.id, work_.session.class_of(track), object.presence == Presence::keyframe, object.cuboid});
    }
    return report;
  }

 private:
  /// Texts are copied to other programs and from them. Without a window, ImGui keeps them itself.
  void share_clipboard() {
    ImGuiIO& io = ImGui::GetIO();
    io.ClipboardUserData = this;
    io.SetClipboardTextFn = [](void* app, const char* text) { static_cast<App*>(app)->window_->set_clipboard(text); };
    io.GetClipboardTextFn = [](void* app) {
      auto& self = *static_cast<App*>(app);
      self.pasted_ = self.window_->clipboard();
      return self.pasted_.c_str();
    };
  }

  Window* window_;
  std::string pasted_;
  std::atomic<bool> loaded_something_{true};
  GuiContext gui_;
  render::Renderer renderer_;
  render::Screen screen_;
  Workspace work_;
  MainWindow main_;
};

std::string window_title(const AppOptions& options) { return options.scene->name + " - Sweepmark"; }

}  // namespace

Result<AppReport> run_in_window(const AppOptions& options, editor::Document document) {
  Window window(options.width, options.height, window_title(options));
  App app(options, std::move(document), &window);
  Recorder recorder(options.record);
  if (recorder.failed()) return Error{fmt::format("cannot be written: {}", options.record.string())};
  recorder.add(editor::WindowSize{window.width(), window.height()});
  // The interface needs a few frames to come to rest after each input.
  constexpr int frames_after_input = 3;
  int to_draw = frames_after_input;
  window.on_input([&](const editor::InputEvent& event) {
    recorder.add(event);
    app.add(event);
    to_draw = frames_after_input;
  });
  auto last = Clock::now();
  std::string title;
  while (!window.should_close() && !app.wants_to_quit()) {
    window.wait(to_draw > 0 || app.has_input() ? 0 : app.is_busy() ? 0.02 : 0.25);
    if (app.has_message()) to_draw = std::max(to_draw, 1);
    if (app.take_loaded_flag() || app.is_busy()) to_draw = std::max(to_draw, 2);
    if (to_draw <= 0 && !app.has_input()) continue;
    const auto now = Clock::now();
    app.frame(std::min(seconds_between(last, now), 0.25));
    last = now;
    --to_draw;
    app.serve_screenshot_key();
    if (app.title() != title) window.set_title(title = app.title());
  }
  return app.report();
}

Result<AppReport> run_script(const AppOptions& options, editor::Document document,
                             const std::vector<editor::ScriptStep>& script, bool in_window) {
  std::optional<Window> window;
  if (in_window) window.emplace(options.width, options.height, window_title(options));
  App app(options, std::move(document), window ? &*window : nullptr);
  // Time goes by in steps of its own, so that a script plays the same on every machine.
  constexpr double step_s = 1.0 / 60;
  const auto settle = [&] {
    constexpr int longest_s = 120;
    const auto start = Clock::now();
    for (int calm = 0; calm < 3 && seconds_between(start, Clock::now()) < longest_s;) {
      app.frame(step_s);
      calm = app.is_settled() ? calm + 1 : 0;
      if (calm == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  };
  std::vector<std::string> unreadable;
  int checks = 0;
  settle();
  for (const auto& step : script) {
    if (window) window->wait(0);
    if (const auto* event = std::get_if<editor::InputEvent>(&step)) {
      app.add(*event);
      while (app.has_input()) app.frame(step_s);
    } else if (const auto* wait = std::get_if<editor::Wait>(&step)) {
      for (double passed = 0; passed < wait->seconds; passed += step_s) app.frame(step_s);
    } else if (std::holds_alternative<editor::Settle>(step)) {
      settle();
    } else if (const auto* wanted = std::get_if<editor::Export>(&step)) {
      if (auto written = app.export_labels(*wanted); !written) return written.error();
    } else if (std::holds_alternative<editor::CheckTexts>(step)) {
      settle();
      for (const std::string& text : unreadable_texts())
        unreadable.push_back(fmt::format("check {}: {}", checks, text));
      ++checks;
    } else if (const auto* chosen = std::get_if<editor::ChooseClass>(&step)) {
      if (auto done = app.choose_class(*chosen); !done) return done.error();
    } else {
      settle();
      if (auto saved = app.save_picture(std::get<editor::Screenshot>(step).file); !saved) return saved.error();
    }
    app.serve_screenshot_key();
  }
  app.frame(step_s);
  if (!unreadable.empty()) return Error{fmt::format("texts that cannot be read:\n  {}", fmt::join(unreadable, "\n  "))};
  return app.report();
}

}  // namespace sweepmark::ui
