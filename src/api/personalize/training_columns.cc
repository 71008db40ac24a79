// ReadTrainingColumns: the columns that a solution or recommender excludes from training or includes in it.
#include <algorithm>

#include "api/personalize/handlers.h"
#include "base/nearest_name.h"
#include "base/text.h"

namespace trine::api::personalize {
namespace {

using format::Json;
using history::DatasetType;
using recommend::Resource;

std::optional<DatasetType> TypeNamed(std::string_view name) {
  for (const DatasetType type : {DatasetType::kInteractions, DatasetType::kItems, DatasetType::kUsers}) {
    if (EqualsIgnoreCase(name, history::Name(type))) return type;
  }
  return std::nullopt;
}

Status CheckColumns(const history::Schema& schema, const Json& columns, const char* member) {
  std::vector<std::string> known;
  for (const history::Column& column : schema.columns) known.push_back(column.name);
  for (const Json& column : columns.array()) {
    if (schema.Find(column.string()) != nullptr) continue;
    return Invalid(std::string(member) + " names a column that the schema does not have: " + column.string() +
                   NearestNameHint(column.string(), known));
  }
  return Ok();
}

}  // namespace

Status ReadTrainingColumns(const Call& call, const Resource& group, const Json& config, Json* spec) {
  const Json* data = FindMember(config, "trainingDataConfig");
  if (data == nullptr) return Ok();
  struct Choice {
    const char* member;
    const char* kept;
  };
  for (const Choice choice : {Choice{"excludedDatasetColumns", "excluded_columns"},
                              Choice{"includedDatasetColumns", "included_columns"}}) {
    const Json* given = FindMember(*data, choice.member);
    if (given == nullptr) continue;
    Json kept = Json::Object{};
    for (const auto& [name, columns] : given->object()) {
      const auto type = TypeNamed(name);
      if (!type) {
        return Invalid(std::string(choice.member) + " names an unknown dataset type")
            .Expected("INTERACTIONS, ITEMS or USERS")
            .Got(name);
      }
      if (const auto schema = SchemaOf(call, group.path, *type)) {
        TRINE_TRY(CheckColumns(*schema, columns, choice.member));
      }
      kept.Set(history::Name(*type), columns);
    }
    spec->Set(choice.kept, std::move(kept));
  }
  return Ok();
}

}  // namespace trine::api::personalize
