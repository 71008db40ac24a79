// Fuzzes document mapping: any JSON with a mapping that has every field type. Terms must be in position
// order, and mapping the document again with the grown mapping must not grow it further.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "operations/mapping/document_mapper.h"

namespace {

using trine::catalogue::Field;
using trine::catalogue::FieldType;

std::shared_ptr<trine::catalogue::Collection> EveryType() {
  auto collection = std::make_shared<trine::catalogue::Collection>();
  for (int type = 1; type <= 15; ++type) {
    Field field;
    field.type = static_cast<FieldType>(type);
    field.name = trine::catalogue::Name(field.type);
    field.scaling_factor = 100;
    field.dimension = 2;
    field.space = trine::catalogue::VectorSpace::kCosine;
    if (field.type == FieldType::kKeyword) {
      field.copy_to = {"text", "copied.to"};
      field.ignore_above = 8;
      field.null_value = "nothing";
    }
    collection->mapping.properties.push_back(std::move(field));
  }
  return collection;
}

void Check(const trine::index::IndexDocument& document) {
  for (const trine::index::FieldContent& content : document.fields) {
    if (content.field.empty()) std::abort();
    for (size_t i = 1; i < content.occurrences.size(); ++i) {
      if (content.occurrences[i].position < content.occurrences[i - 1].position) std::abort();
    }
    if (content.length > content.occurrences.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto analyzers = std::move(trine::analysis::NewAnalyzers({})).value();
  static const auto collection = EveryType();
  static const auto mapper =
      std::move(trine::operations::DocumentMapper::Compile(collection, *analyzers)).value();
  const auto source = trine::format::ParseJson({reinterpret_cast<const char*>(data), size});
  if (!source.ok()) return 0;
  const auto mapped = mapper->Map("1", trine::SeqNo{1}, *source);
  if (!mapped.ok()) {
    if (mapped.error().message.empty()) std::abort();
    return 0;
  }
  Check(mapped->document);
  if (mapped->grown.properties.empty()) return 0;
  const auto merged = trine::catalogue::Merge(collection->mapping, mapped->grown);
  if (!merged.ok()) return 0;  // too many fields
  auto grown = std::make_shared<trine::catalogue::Collection>(*collection);
  grown->mapping = *merged;
  const auto again = trine::operations::MapDocument(*grown, "1", trine::SeqNo{1}, *source, *analyzers);
  if (!again.ok() || !again->grown.properties.empty()) std::abort();
  if (again->document.fields.size() != mapped->document.fields.size()) std::abort();
  return 0;
}
