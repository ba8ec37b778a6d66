// SPDX-License-Identifier: Apache-2.0
#include "viewer/ui/gui_context.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <variant>

namespace sweepmark::ui {
namespace {

using editor::Key;

/// What the panels need to show all of their texts, in points.
constexpr float least_width = 1120, least_height = 620;

/// The first that is installed; ImGui's own bitmap font where none is.
ImFont* add_font(std::initializer_list<const char*> files, float size) {
  static constexpr ImWchar ranges[] = {0x20,   0x24F,  0x370,  0x3FF,  0x2010, 0x2044, 0x20AC, 0x20AC,
                                       0x2190, 0x21FF, 0x2200, 0x22FF, 0xFFFD, 0xFFFD, 0};
  ImGuiIO& io = ImGui::GetIO();
  std::error_code failure;
  for (const char* file : files) {
    if (!std::filesystem::exists(file, failure)) continue;
    ImFontConfig config;
    config.OversampleH = 2;
    config.OversampleV = 1;
    if (ImFont* font = io.Fonts->AddFontFromFileTTF(file, size, &config, ranges)) return font;
  }
  return io.Fonts->AddFontDefault();
}

ImVec4 colour(int hex, float alpha = 1) {
  return {static_cast<float>(hex >> 16 & 255) / 255, static_cast<float>(hex >> 8 & 255) / 255,
          static_cast<float>(hex & 255) / 255, alpha};
}

void set_style() {
  ImGui::StyleColorsDark();
  ImGuiStyle& style = ImGui::GetStyle();
  style.WindowRounding = 0;
  style.WindowBorderSize = 0;
  style.ChildRounding = 4;
  style.FrameRounding = 4;
  style.PopupRounding = 6;
  style.GrabRounding = 4;
  style.ScrollbarSize = 11;
  style.ScrollbarRounding = 6;
  style.WindowPadding = {10, 8};
  style.FramePadding = {7, 4};
  style.ItemSpacing = {7, 6};
  style.ItemInnerSpacing = {6, 4};
  auto* c = style.Colors;
  c[ImGuiCol_Text] = colour(0xDDE3EC);
  c[ImGuiCol_TextDisabled] = colour(0x8590A2);
  c[ImGuiCol_WindowBg] = colour(0x171B22);
  c[ImGuiCol_ChildBg] = colour(0x12161C);
  c[ImGuiCol_PopupBg] = colour(0x1E242E, 0.98F);
  c[ImGuiCol_Border] = colour(0x2C3441);
  c[ImGuiCol_FrameBg] = colour(0x242B36);
  c[ImGuiCol_FrameBgHovered] = colour(0x2E3745);
  c[ImGuiCol_FrameBgActive] = colour(0x374255);
  c[ImGuiCol_Button] = colour(0x2A323F);
  c[ImGuiCol_ButtonHovered] = colour(0x384355);
  c[ImGuiCol_ButtonActive] = colour(0x3B82F6);
  c[ImGuiCol_Header] = colour(0x2B4A7A);
  c[ImGuiCol_HeaderHovered] = colour(0x2A3443);
  c[ImGuiCol_HeaderActive] = colour(0x34507C);
  c[ImGuiCol_CheckMark] = colour(0x6EA8FF);
  c[ImGuiCol_SliderGrab] = colour(0x5B93F0);
  c[ImGuiCol_SliderGrabActive] = colour(0x7FB0FF);
  c[ImGuiCol_Separator] = colour(0x2A313D);
  c[ImGuiCol_ScrollbarBg] = colour(0x12161C, 0);
  c[ImGuiCol_ScrollbarGrab] = colour(0x343D4B);
  c[ImGuiCol_NavHighlight] = colour(0x5B93F0);
}

constexpr std::array<std::pair<Key, ImGuiKey_>, 14> gui_keys{{{Key::tab, ImGuiKey_Tab},
                                                              {Key::left, ImGuiKey_LeftArrow},
                                                              {Key::right, ImGuiKey_RightArrow},
                                                              {Key::up, ImGuiKey_UpArrow},
                                                              {Key::down, ImGuiKey_DownArrow},
                                                              {Key::page_up, ImGuiKey_PageUp},
                                                              {Key::page_down, ImGuiKey_PageDown},
                                                              {Key::home, ImGuiKey_Home},
                                                              {Key::end, ImGuiKey_End},
                                                              {Key::insert, ImGuiKey_Insert},
                                                              {Key::del, ImGuiKey_Delete},
                                                              {Key::backspace, ImGuiKey_Backspace},
                                                              {Key::enter, ImGuiKey_Enter},
                                                              {Key::escape, ImGuiKey_Escape}}};

}  // namespace

GuiContext::GuiContext(float scale) : wanted_scale_(scale) {
  IMGUI_CHECKVERSION();
  ImGui::CreateContext();
  ImGuiIO& io = ImGui::GetIO();
  io.IniFilename = nullptr;
  io.BackendPlatformName = "sweepmark";
  for (const auto& [key, gui_key] : gui_keys) io.KeyMap[gui_key] = static_cast<int>(key);
  io.KeyMap[ImGuiKey_Space] = ' ';
  for (const auto& [gui_key, key] : {std::pair{ImGuiKey_A, 'A'},
                                     {ImGuiKey_C, 'C'},
                                     {ImGuiKey_V, 'V'},
                                     {ImGuiKey_X, 'X'},
                                     {ImGuiKey_Y, 'Y'},
                                     {ImGuiKey_Z, 'Z'}})
    io.KeyMap[gui_key] = key;
  io.KeyRepeatDelay = 0.3F;
  const auto regular = {"/usr/share/fonts/opentype/inter/Inter-Regular.otf",
                        "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
                        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"};
  const auto bold = {"/usr/share/fonts/opentype/inter/Inter-SemiBold.otf",
                     "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf",
                     "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"};
  add_font(regular, 15 * scale);
  add_font(bold, 15 * scale);
  add_font(regular, 12.5F * scale);
  io.FontGlobalScale = 1 / scale;  // sharp on a dense display, as large as on any other
  set_style();
}

GuiContext::~GuiContext() { ImGui::DestroyContext(); }

float GuiContext::scale() const {
  const float fits =
      std::min(static_cast<float>(width_px_) / least_width, static_cast<float>(height_px_) / least_height);
  return std::clamp(fits, std::min(1.0F, wanted_scale_), wanted_scale_);
}

bool GuiContext::take(const editor::InputEvent& event, std::deque<PressedKey>& keys) {
  ImGuiIO& io = ImGui::GetIO();
  const auto set_modifiers = [&](editor::Modifiers with) {
    io.KeyCtrl = with.ctrl;
    io.KeyShift = with.shift;
    io.KeyAlt = with.alt;
  };
  if (const auto* move = std::get_if<editor::MouseMove>(&event)) {
    io.MousePos = {static_cast<float>(move->x) / scale(), static_cast<float>(move->y) / scale()};
    return false;
  }
  if (const auto* button = std::get_if<editor::MouseButton>(&event)) {
    io.MouseDown[static_cast<int>(button->button)] = button->pressed;
    set_modifiers(button->with);
    return true;
  }
  if (const auto* wheel = std::get_if<editor::MouseWheel>(&event)) {
    io.MouseWheel += static_cast<float>(wheel->steps);
    set_modifiers(wheel->with);
    return false;
  }
  if (const auto* key = std::get_if<editor::KeyPress>(&event)) {
    const auto index = static_cast<std::size_t>(key->key);
    if (index >= std::size(io.KeysDown)) return false;
    if (key->pressed) keys.push_back({*key, io.KeysDown[index]});
    io.KeysDown[index] = key->pressed;
    set_modifiers(key->with);
    return true;
  }
  if (const auto* text = std::get_if<editor::TextInput>(&event)) {
    io.AddInputCharactersUTF8(text->utf8.c_str());
    return true;
  }
  const auto& size = std::get<editor::WindowSize>(event);
  width_px_ = size.width;
  height_px_ = size.height;
  return false;
}

std::deque<PressedKey> GuiContext::begin_frame(double seconds) {
  std::deque<PressedKey> keys;
  while (!waiting_.empty()) {
    const auto event = waiting_.front();
    waiting_.pop_front();
    if (take(event, keys)) break;
    // A movement before a press counts where it ended: the press is taken in the next frame.
  }
  ImGuiIO& io = ImGui::GetIO();
  io.DisplaySize = {width(), height()};
  io.DisplayFramebufferScale = {scale(), scale()};
  io.DeltaTime = static_cast<float>(seconds > 1e-4 ? seconds : 1e-4);
  ImGui::NewFrame();
  return keys;
}

void Fonts::push_bold() { ImGui::PushFont(ImGui::GetIO().Fonts->Fonts[1]); }
void Fonts::push_small() { ImGui::PushFont(ImGui::GetIO().Fonts->Fonts[2]); }
void Fonts::pop() { ImGui::PopFont(); }

}  // namespace sweepmark::ui
