// How collections and bindings are kept: JSON of the catalogue's own, in family `resources`.
// docs/formats/keys.md, "Catalogue".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "catalogue/catalogue.h"

namespace trine::catalogue {

std::string EncodeCollection(const Collection& collection);
// kCorrupt, saying which part, on anything that EncodeCollection did not write.
Result<Collection> DecodeCollection(std::string_view text);

std::string EncodeBinding(const Binding& binding);
Result<Binding> DecodeBinding(std::string_view text);

// The mapping alone, for comparing two.
std::string EncodeMapping(const Mapping& mapping);

}  // namespace trine::catalogue
