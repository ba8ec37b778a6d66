// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/math/types.h"
#include "viewer/editor/canvas/painted_mask.h"
#include "viewer/editor/scene_lines.h"
#include "viewer/editor/view_camera.h"
#include "viewer/render/image_file.h"

namespace sweepmark::render {

struct DrawOptions {
  float point_size_px = 2;  ///< side of a point 20 m away; nearer ones are larger, up to 8
  float eye_dome = 0.7F;    ///< strength of the depth shading, 0 for none
  bool pale_behind = true;  ///< lines behind points are drawn pale
};

/// How the pixels of a camera image are shown. Larger than three pixels of the picture they stay sharp squares.
struct ImageLook {
  float brightness = 0;  ///< added, -1 to 1
  float contrast = 1;    ///< around the middle grey
  float gamma = 1;       ///< above 1 lightens what is dark
  friend bool operator==(const ImageLook&, const ImageLook&) = default;
};

struct PresentTarget;
struct DeviceCloud;
struct DeviceImage;
class ViewTarget;

/// Draws points, lines and camera images, on a GPU or on the software driver; needs no display.
/// Every point is drawn: nothing is thinned out. Not for several threads at once.
/// All members but the destructor \throws std::exception when the driver fails.
class Renderer {
 public:
  /// Points on the device, seen by any number of views. Must not outlive the renderer; so too below.
  class Cloud {
   public:
    Cloud();
    ~Cloud();
    Cloud(Cloud&&) noexcept;
    Cloud& operator=(Cloud&&) noexcept;
    explicit operator bool() const { return data_ != nullptr; }

   private:
    friend class Renderer;
    std::unique_ptr<DeviceCloud> data_;
  };
  /// A camera image on the device.
  class CameraImage {
   public:
    CameraImage();
    ~CameraImage();
    CameraImage(CameraImage&&) noexcept;
    CameraImage& operator=(CameraImage&&) noexcept;
    explicit operator bool() const { return data_ != nullptr; }
    int width() const;
    int height() const;

   private:
    friend class Renderer;
    std::unique_ptr<DeviceImage> data_;
  };
  /// A picture that stays on the device until it is drawn anew.
  class View {
   public:
    View();
    ~View();
    View(View&&) noexcept;
    View& operator=(View&&) noexcept;
    explicit operator bool() const { return target_ != nullptr; }
    int width() const;
    int height() const;

   private:
    friend class Renderer;
    friend class Screen;
    std::unique_ptr<ViewTarget> target_;
  };

  /// Takes the first device of the kind discrete, integrated, virtual, software that has 64-bit atomics.
  /// \param validation  turn the Khronos validation layer on where it is installed
  /// \param window      choose a device that can show pictures there (see screen.h)
  /// \throws std::runtime_error without a Vulkan 1.2 device that can do it; the message says what was found
  explicit Renderer(bool validation = false, const PresentTarget* window = nullptr);
  ~Renderer();
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  const std::string& device_name() const;
  /// What the validation layer said so far: warnings and errors.
  const std::vector<std::string>& validation_messages() const;

  /// Copies points to the device. \pre one colour a point
  Cloud make_cloud(std::span<const Point> points, std::span<const editor::Rgba> colours);
  void set_colours(Cloud& cloud, std::span<const editor::Rgba> colours);
  CameraImage make_image(const Picture& picture);
  /// Copies a part of a picture anew. \pre the image was made from a picture of that size, which holds the part
  /// Cost: O(pixels of the part).
  void update_image(CameraImage& image, const Picture& picture, const editor::PixelRect& part);

  /// Draws into `view`, which takes that size. Cost: O(points + pixels).
  void draw(View& view, const Cloud& cloud, const editor::ViewTransform& transform, int width, int height,
            std::span<const editor::LineSegment> lines, const DrawOptions& options = {});
  /// A camera image with lines in its own pixels on top. \param transform  see editor::ImageCamera
  /// \param layer  lies over the whole image, stretched to it, as its alpha says; null: nothing does
  void draw(View& view, const CameraImage& image, const editor::ViewTransform& transform, int width, int height,
            std::span<const editor::LineSegment> lines, const CameraImage* layer = nullptr, const ImageLook& look = {});
  /// The pixels of what was drawn last. \pre it was drawn
  Picture read(View& view);
  /// The point that the last drawing of points shows at a pixel: index into the cloud's points.
  /// Cost: the first call after a drawing fetches all of its numbers (8 bytes a pixel), later ones look them up.
  std::optional<std::uint32_t> point_at(View& view, int x, int y);

 private:
  friend class Screen;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sweepmark::render
