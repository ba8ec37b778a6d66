// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/window.h"

#define GLFW_INCLUDE_VULKAN
#include <GLFW/glfw3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "viewer/render/present_target.h"

namespace sweepmark::ui {
namespace {

using editor::Key;

constexpr std::array<std::pair<int, Key>, 29> named_keys{{
    {GLFW_KEY_ESCAPE, Key::escape},
    {GLFW_KEY_ENTER, Key::enter},
    {GLFW_KEY_KP_ENTER, Key::enter},
    {GLFW_KEY_TAB, Key::tab},
    {GLFW_KEY_BACKSPACE, Key::backspace},
    {GLFW_KEY_INSERT, Key::insert},
    {GLFW_KEY_DELETE, Key::del},
    {GLFW_KEY_LEFT, Key::left},
    {GLFW_KEY_RIGHT, Key::right},
    {GLFW_KEY_UP, Key::up},
    {GLFW_KEY_DOWN, Key::down},
    {GLFW_KEY_PAGE_UP, Key::page_up},
    {GLFW_KEY_PAGE_DOWN, Key::page_down},
    {GLFW_KEY_HOME, Key::home},
    {GLFW_KEY_END, Key::end},
    {GLFW_KEY_F1, Key::f1},
    {GLFW_KEY_F2, Key::f2},
    {GLFW_KEY_F3, Key::f3},
    {GLFW_KEY_F4, Key::f4},
    {GLFW_KEY_F5, Key::f5},
    {GLFW_KEY_F6, Key::f6},
    {GLFW_KEY_F7, Key::f7},
    {GLFW_KEY_F8, Key::f8},
    {GLFW_KEY_F9, Key::f9},
    {GLFW_KEY_F10, Key::f10},
    {GLFW_KEY_F11, Key::f11},
    {GLFW_KEY_F12, Key::f12},
    {GLFW_KEY_KP_ADD, editor::key_of('+')},
    {GLFW_KEY_KP_SUBTRACT, editor::key_of('-')},
}};

/// Letters go by what the keyboard layout prints, so that a key is where its label is.
Key key_from(int key, int scancode) {
  for (const auto& [code, named] : named_keys)
    if (code == key) return named;
  if (key == GLFW_KEY_SPACE) return Key::space;
  if (const char* printed = glfwGetKeyName(key, scancode); printed != nullptr && printed[0] != 0 && printed[1] == 0) {
    const char c = printed[0];
    return editor::key_of(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  if (key > GLFW_KEY_SPACE && key < 128) return static_cast<Key>(key);
  return Key::none;
}

editor::Modifiers modifiers_from(int bits) {
  return {(bits & GLFW_MOD_CONTROL) != 0, (bits & GLFW_MOD_SHIFT) != 0, (bits & GLFW_MOD_ALT) != 0};
}

std::string last_error() {
  const char* text = nullptr;
  glfwGetError(&text);
  return text == nullptr ? "no reason given" : text;
}

std::string utf8_of(unsigned code) {
  std::string out;
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
  return out;
}

}  // namespace

struct Window::State {
  GLFWwindow* window = nullptr;
  render::PresentTarget target;
  std::function<void(const editor::InputEvent&)> receive = [](const editor::InputEvent&) {};

  static State& of(GLFWwindow* window) { return *static_cast<State*>(glfwGetWindowUserPointer(window)); }

  void set_callbacks() {
    glfwSetWindowUserPointer(window, this);
    glfwSetCursorPosCallback(window, [](GLFWwindow* w, double x, double y) { of(w).receive(editor::MouseMove{x, y}); });
    glfwSetMouseButtonCallback(window, [](GLFWwindow* w, int button, int action, int mods) {
      if (button > GLFW_MOUSE_BUTTON_MIDDLE) return;
      of(w).receive(
          editor::MouseButton{static_cast<editor::Button>(button), action == GLFW_PRESS, modifiers_from(mods)});
    });
    glfwSetScrollCallback(window, [](GLFWwindow* w, double, double dy) {
      const auto down = [&](int key) { return glfwGetKey(w, key) == GLFW_PRESS; };
      of(w).receive(editor::MouseWheel{dy,
                                       {down(GLFW_KEY_LEFT_CONTROL) || down(GLFW_KEY_RIGHT_CONTROL),
                                        down(GLFW_KEY_LEFT_SHIFT) || down(GLFW_KEY_RIGHT_SHIFT),
                                        down(GLFW_KEY_LEFT_ALT) || down(GLFW_KEY_RIGHT_ALT)}});
    });
    glfwSetKeyCallback(window, [](GLFWwindow* w, int key, int scancode, int action, int mods) {
      const Key known = key_from(key, scancode);
      if (known != Key::none) of(w).receive(editor::KeyPress{known, action != GLFW_RELEASE, modifiers_from(mods)});
    });
    glfwSetCharCallback(window, [](GLFWwindow* w, unsigned code) { of(w).receive(editor::TextInput{utf8_of(code)}); });
    glfwSetFramebufferSizeCallback(window, [](GLFWwindow* w, int width, int height) {
      if (width > 0 && height > 0) of(w).receive(editor::WindowSize{width, height});
    });
    glfwSetWindowRefreshCallback(window, [](GLFWwindow* w) {
      int width = 0, height = 0;
      glfwGetFramebufferSize(w, &width, &height);
      if (width > 0 && height > 0) of(w).receive(editor::WindowSize{width, height});
    });
  }
};

Window::Window(int width, int height, const std::string& title) : state_(std::make_unique<State>()) {
  if (glfwInit() != GLFW_TRUE) throw std::runtime_error("there is no display to open a window on: " + last_error());
  if (glfwVulkanSupported() != GLFW_TRUE) {
    glfwTerminate();
    throw std::runtime_error("expected Vulkan (a GPU's driver, or Debian's mesa-vulkan-drivers), found none");
  }
  glfwWindowHint(GLFW_CLIENT_API, GLFW_NO_API);
  // Not larger than the screen.
  if (GLFWmonitor* monitor = glfwGetPrimaryMonitor()) {
    int x = 0, y = 0, w = width, h = height;
    glfwGetMonitorWorkarea(monitor, &x, &y, &w, &h);
    if (w > 0 && h > 0) {
      width = std::min(width, w);
      height = std::min(height, h);
    }
  }
  state_->window = glfwCreateWindow(width, height, title.c_str(), nullptr, nullptr);
  if (state_->window == nullptr) {
    const std::string why = last_error();
    glfwTerminate();
    throw std::runtime_error("the window cannot be opened: " + why);
  }
  state_->set_callbacks();
  std::uint32_t count = 0;
  const char** extensions = glfwGetRequiredInstanceExtensions(&count);
  state_->target.instance_extensions.assign(extensions, extensions + count);
  state_->target.make_surface = [window = state_->window](VkInstance instance) {
    VkSurfaceKHR surface = VK_NULL_HANDLE;
    if (glfwCreateWindowSurface(instance, window, nullptr, &surface) != VK_SUCCESS)
      throw std::runtime_error("the window cannot be drawn to: " + last_error());
    return surface;
  };
}

Window::~Window() {
  glfwDestroyWindow(state_->window);
  glfwTerminate();
}

const render::PresentTarget& Window::present_target() const { return state_->target; }
void Window::on_input(std::function<void(const editor::InputEvent&)> receive) { state_->receive = std::move(receive); }
void Window::wait(double seconds) {
  if (seconds <= 0) {
    glfwPollEvents();
  } else {
    glfwWaitEventsTimeout(seconds);
  }
}
void Window::wake() { glfwPostEmptyEvent(); }
bool Window::should_close() const { return glfwWindowShouldClose(state_->window) == GLFW_TRUE; }
void Window::set_title(const std::string& title) { glfwSetWindowTitle(state_->window, title.c_str()); }
std::string Window::clipboard() const {
  const char* text = glfwGetClipboardString(state_->window);
  return text == nullptr ? "" : text;
}
void Window::set_clipboard(const std::string& text) { glfwSetClipboardString(state_->window, text.c_str()); }
double Window::pixels_per_point() const {
  float x = 1, y = 1;
  glfwGetWindowContentScale(state_->window, &x, &y);
  return std::clamp(std::round(static_cast<double>(x) * 4) / 4, 1.0, 3.0);
}
int Window::width() const {
  int w = 0, h = 0;
  glfwGetFramebufferSize(state_->window, &w, &h);
  return w;
}
int Window::height() const {
  int w = 0, h = 0;
  glfwGetFramebufferSize(state_->window, &w, &h);
  return h;
}

}  // namespace sweepmark::ui
