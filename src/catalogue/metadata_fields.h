// The metadata fields of OpenSearch: what a record has beside its source. Clients set some of them by
// parameters of a request.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace trine::catalogue {

struct MetadataField {
  std::string_view name;
  bool may_be_in_source = false;  // OpenSearch accepts a member of a document with this name
};
inline constexpr std::array<MetadataField, 12> kMetadataFields = {{{"_id"},
                                                                   {"_index"},
                                                                   {"_routing"},
                                                                   {"_source"},
                                                                   {"_version"},
                                                                   {"_seq_no"},
                                                                   {"_primary_term"},
                                                                   {"_ignored"},
                                                                   {"_nested_path"},
                                                                   {"_field_names"},
                                                                   {"_doc_count", true},
                                                                   {"_data_stream_timestamp"}}};

// nullptr if the name is not that of a metadata field.
constexpr const MetadataField* FindMetadataField(std::string_view name) {
  if (!name.starts_with('_')) return nullptr;
  const auto* at = std::find_if(kMetadataFields.begin(), kMetadataFields.end(),
                                [name](const MetadataField& field) { return field.name == name; });
  return at == kMetadataFields.end() ? nullptr : at;
}

}  // namespace trine::catalogue
