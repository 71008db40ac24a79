// The stored form of collections and bindings: JSON in the catalogue's own layout, in family `resources`.
// Layout: docs/formats/keys.md, "Catalogue".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "catalogue/collection.h"

namespace trine::catalogue {

// Kinds of rows in family `resources`. They reach disk; never reuse a name.
inline constexpr std::string_view kCollectionKind = "catalogue.collection";
inline constexpr std::string_view kBindingKind = "catalogue.binding";
// A definition that could not be read; its name is the former kind, '/', and the former name.
inline constexpr std::string_view kSetAsideKind = "catalogue.set_aside";
inline std::string DefinitionKey(std::string_view kind, std::string_view name) {
  return std::string(kind) + '\0' + std::string(name);
}

std::string EncodeCollection(const Collection& collection);
// kFormatVersion for an unsupported format version; kCorrupt for any other text that EncodeCollection did not
// write; if the text is JSON, `where` is the invalid member.
Result<Collection> DecodeCollection(std::string_view text);

std::string EncodeBinding(const Binding& binding);
// Same errors as DecodeCollection.
Result<Binding> DecodeBinding(std::string_view text);

// The uuid of a new collection: 22 base64url characters. They are derived from the collection's name, id and
// creation time instead of random bits, so that tests are repeatable.
std::string MakeUuid(const Collection& collection);

// Encodes a mapping alone, so that two mappings can be compared.
std::string EncodeMapping(const Mapping& mapping);

}  // namespace trine::catalogue
