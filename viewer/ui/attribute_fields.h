// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "data/ontology.h"

namespace sweepmark::ui {

/// A field for an attribute that the ontology defines, with its name before it. \return what it was set to
std::optional<std::string> draw_defined_attribute(const AttributeDefinition& definition, const std::string& value);

}  // namespace sweepmark::ui
