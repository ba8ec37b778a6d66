#version 460
// SPDX-License-Identifier: Apache-2.0
// A camera image as the background, scaled to the picture.
#extension GL_GOOGLE_include_directive : require
#include "view.glsl"
layout(set = 0, binding = 3) uniform sampler2D image;
layout(location = 0) out vec4 colour;
void main() { colour = vec4(texture(image, gl_FragCoord.xy / vec2(view.size.xy)).rgb, 1.0); }
