#include "catalogue/declared_roles.h"

#include <string>
#include <utility>

#include "storage/format_version.h"

namespace trine::catalogue {
namespace {

using format::Json;

constexpr int64_t kVersion = 1;

Error Damaged(std::string_view collection) {
  return Error(ErrorCode::kCorrupt, "the stored roles of an index are damaged")
      .Where(std::string(collection));
}

}  // namespace

std::string DeclaredRolesKey(std::string_view collection) {
  return std::string("catalogue.roles") + '\0' + std::string(collection);
}

Result<RoleDeclarations> DeclaredRoles::Of(std::string_view collection) const {
  TRINE_ASSIGN(const auto row, kv_.Get(storage::Family::kResources, DeclaredRolesKey(collection)));
  RoleDeclarations declared;
  if (!row) return declared;
  const auto json = format::ParseJson(*row);
  const Json* version = json.ok() ? json->Find("version") : nullptr;
  if (version == nullptr || !version->is_int() || version->integer() < 1) return Damaged(collection);
  if (version->integer() != kVersion)
    return storage::UnsupportedFormatVersion("the roles of an index",
                                             static_cast<uint64_t>(version->integer()), kVersion);
  const Json *roles = json->Find("roles"), *currency = json->Find("currency");
  if (roles == nullptr || !roles->is_array() || currency == nullptr || !currency->is_string())
    return Damaged(collection);
  for (const Json& pair : roles->array()) {
    const bool well_formed = pair.is_array() && pair.array().size() == 2 && pair.array()[0].is_int() &&
                             pair.array()[0].integer() >= 1 &&
                             pair.array()[0].integer() <= static_cast<int64_t>(kAllRoles.size()) &&
                             pair.array()[1].is_string();
    if (!well_formed) return Damaged(collection);
    declared.roles.emplace_back(static_cast<Role>(pair.array()[0].integer()), pair.array()[1].string());
  }
  declared.currency = currency->string();
  return declared;
}

void AddDeclaredRoles(std::string_view collection, const RoleDeclarations& declared,
                      storage::WriteBatch* batch) {
  if (declared.roles.empty() && declared.currency.empty())
    return batch->Delete(storage::Family::kResources, DeclaredRolesKey(collection));
  Json json(Json::Object{}), roles(Json::Array{});
  for (const auto& [role, path] : declared.roles)
    roles.Push(Json(Json::Array{Json(static_cast<int>(role)), Json(path)}));
  json.Set("version", kVersion);
  json.Set("roles", std::move(roles));
  json.Set("currency", declared.currency);
  batch->Put(storage::Family::kResources, DeclaredRolesKey(collection), format::ToString(json));
}

}  // namespace trine::catalogue
