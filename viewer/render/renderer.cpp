// SPDX-License-Identifier: Apache-2.0
#include "viewer/render/renderer.h"

#include <algorithm>

#include "kernels/expects.h"
#include "viewer/render/device_cloud.h"
#include "viewer/render/renderer_state.h"
#include "viewer/render/view_target.h"

namespace sweepmark::render {
namespace {

void put(float (&out)[4], Vec3d v, double w) {
  out[0] = static_cast<float>(v.x);
  out[1] = static_cast<float>(v.y);
  out[2] = static_cast<float>(v.z);
  out[3] = static_cast<float>(w);
}

ViewConstants constants_of(const editor::ViewTransform& view, int width, int height, const DrawOptions& options) {
  SWEEPMARK_EXPECTS(width > 0 && height > 0);
  ViewConstants c{};
  put(c.right, view.right, view.scale_x);
  put(c.up, view.up, view.scale_y);
  put(c.forward, view.forward, view.perspective ? 1 : 0);
  put(c.eye, view.eye, view.near_m);
  c.size[0] = static_cast<std::uint32_t>(width);
  c.size[1] = static_cast<std::uint32_t>(height);
  put(c.style,
      {std::min(view.far_m, 1e30), static_cast<double>(options.point_size_px), static_cast<double>(options.eye_dome)},
      options.pale_behind ? 1 : 0);
  return c;
}

}  // namespace

Renderer::Cloud::Cloud() = default;
Renderer::Cloud::~Cloud() = default;
Renderer::Cloud::Cloud(Cloud&&) noexcept = default;
Renderer::Cloud& Renderer::Cloud::operator=(Cloud&&) noexcept = default;
Renderer::CameraImage::CameraImage() = default;
Renderer::CameraImage::~CameraImage() = default;
Renderer::CameraImage::CameraImage(CameraImage&&) noexcept = default;
Renderer::CameraImage& Renderer::CameraImage::operator=(CameraImage&&) noexcept = default;
int Renderer::CameraImage::width() const { return data_ ? data_->image.width : 0; }
int Renderer::CameraImage::height() const { return data_ ? data_->image.height : 0; }
Renderer::View::View() = default;
Renderer::View::~View() = default;
Renderer::View::View(View&&) noexcept = default;
Renderer::View& Renderer::View::operator=(View&&) noexcept = default;
int Renderer::View::width() const { return target_ ? target_->width() : 0; }
int Renderer::View::height() const { return target_ ? target_->height() : 0; }

Renderer::Renderer(bool validation, const PresentTarget* window)
    : state_(std::make_unique<State>(validation, window)) {}

Renderer::~Renderer() {
  try {
    state_->gpu.device.waitIdle();
  } catch (const vk::SystemError&) {  // a lost device: nothing is left to wait for
  }
}

const std::string& Renderer::device_name() const { return state_->gpu.name; }
const std::vector<std::string>& Renderer::validation_messages() const { return *state_->gpu.messages; }

Renderer::Cloud Renderer::make_cloud(std::span<const Point> points, std::span<const editor::Rgba> colours) {
  Cloud cloud;
  cloud.data_ = std::make_unique<DeviceCloud>(state_->gpu, state_->pipelines, points, colours);
  return cloud;
}

void Renderer::set_colours(Cloud& cloud, std::span<const editor::Rgba> colours) {
  SWEEPMARK_EXPECTS(cloud.data_ != nullptr);
  cloud.data_->set_colours(state_->gpu, colours);
}

Renderer::CameraImage Renderer::make_image(const Picture& picture) {
  SWEEPMARK_EXPECTS(picture.width > 0 && picture.height > 0);
  CameraImage image;
  image.data_ = std::make_unique<DeviceImage>(state_->gpu, state_->pipelines, picture);
  return image;
}

void Renderer::draw(View& view, const Cloud& cloud, const editor::ViewTransform& transform, int width, int height,
                    std::span<const editor::LineSegment> lines, const DrawOptions& options) {
  SWEEPMARK_EXPECTS(cloud.data_ != nullptr);
  if (!view.target_) view.target_ = std::make_unique<ViewTarget>(state_->gpu, state_->pipelines);
  view.target_->draw(state_->gpu, state_->pipelines, *cloud.data_, constants_of(transform, width, height, options),
                     lines);
}

void Renderer::update_image(CameraImage& image, const Picture& picture, const editor::PixelRect& part) {
  SWEEPMARK_EXPECTS(image.data_ != nullptr && image.width() == picture.width && image.height() == picture.height);
  SWEEPMARK_EXPECTS(part.left >= 0 && part.top >= 0 && part.right <= picture.width && part.bottom <= picture.height);
  if (!part.is_empty()) image.data_->update(state_->gpu, picture, part);
}

void Renderer::draw(View& view, const CameraImage& image, const editor::ViewTransform& transform, int width, int height,
                    std::span<const editor::LineSegment> lines, const CameraImage* layer, const ImageLook& look) {
  SWEEPMARK_EXPECTS(image.data_ != nullptr && (layer == nullptr || layer->data_ != nullptr));
  if (!view.target_) view.target_ = std::make_unique<ViewTarget>(state_->gpu, state_->pipelines);
  if (layer == nullptr && !state_->no_layer)
    state_->no_layer = std::make_unique<DeviceImage>(state_->gpu, state_->pipelines, Picture{1, 1, {0, 0, 0, 0}});
  ViewConstants constants = constants_of(transform, width, height, {.pale_behind = false});
  constants.image_look[0] = look.brightness;
  constants.image_look[1] = look.contrast;
  constants.image_look[2] = look.gamma;
  view.target_->draw(state_->gpu, state_->pipelines, *image.data_, layer != nullptr ? *layer->data_ : *state_->no_layer,
                     constants, lines);
}

Picture Renderer::read(View& view) {
  SWEEPMARK_EXPECTS(view.target_ != nullptr);
  return view.target_->read(state_->gpu);
}

std::optional<std::uint32_t> Renderer::point_at(View& view, int x, int y) {
  if (!view.target_) return std::nullopt;
  return view.target_->point_at(state_->gpu, x, y);
}

}  // namespace sweepmark::render
