// TermsMark: how the terms of the indexes in a data directory were made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/directory.h"

namespace trine::server {

// The file in the index folder; docs/formats/data_directory.md describes it.
inline constexpr const char* kTermsFile = "terms";

struct TermsMark {
  uint32_t version = 0;                   // analysis::kTermsVersion
  std::optional<bool> korean_dictionary;  // whether there was one; nullopt: a mark of 0.1.0 does not say
};
// The content of the file for indexes that this program makes.
std::string TermsMarkText(bool korean_dictionary);
// nullopt if the text is not that of a mark.
std::optional<TermsMark> ReadTermsMark(std::string_view text);

// If the indexes were made with a Korean dictionary and there is none now, returns what follows from that and
// what to do, in sentences without a full stop. nullopt otherwise, or if it cannot be told.
std::optional<std::string> DictionaryIsLost(storage::Directory& indexes, bool korean_dictionary);

}  // namespace trine::server
