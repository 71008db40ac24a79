// The stored form of collections and bindings: JSON in the catalogue's own layout, in family `resources`.
// Layout: docs/formats/keys.md, "Catalogue".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "catalogue/collection.h"

namespace trine::catalogue {

std::string EncodeCollection(const Collection& collection);
// kFormatVersion for an unsupported format version; kCorrupt for any other text that EncodeCollection did not
// write; if the text is JSON, `where` is the invalid member.
Result<Collection> DecodeCollection(std::string_view text);

std::string EncodeBinding(const Binding& binding);
// Same errors as DecodeCollection.
Result<Binding> DecodeBinding(std::string_view text);

// Encodes a mapping alone, so that two mappings can be compared.
std::string EncodeMapping(const Mapping& mapping);

}  // namespace trine::catalogue
