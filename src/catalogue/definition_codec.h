// The stored form of collections and bindings: JSON of the catalogue's own in family `resources`. Layout:
// docs/formats/keys.md, "Catalogue".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "catalogue/collection.h"

namespace trine::catalogue {

std::string EncodeCollection(const Collection& collection);
// kFormatVersion for another format version; kCorrupt, with `where` = the part, for other text that
// EncodeCollection did not write.
Result<Collection> DecodeCollection(std::string_view text);

std::string EncodeBinding(const Binding& binding);
// Errors as DecodeCollection.
Result<Binding> DecodeBinding(std::string_view text);

// The mapping alone, for comparing two.
std::string EncodeMapping(const Mapping& mapping);

}  // namespace trine::catalogue
