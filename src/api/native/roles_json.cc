#include "api/native/roles_json.h"

#include <string>
#include <utility>

namespace trine::api::native {

using format::Json;

void SetRoles(const catalogue::Roles& roles, Json* out) {
  Json list(Json::Array{}), facets(Json::Array{}), missing(Json::Array{});
  for (const catalogue::AssignedRole& assigned : roles.assigned) {
    Json one;
    one.Set("role", catalogue::Name(assigned.role));
    one.Set("field", assigned.field);
    one.Set("source", catalogue::Name(assigned.source));
    one.Set("evidence", assigned.evidence);
    list.Push(std::move(one));
  }
  for (const catalogue::FacetField& facet : roles.facets) {
    Json one;
    one.Set("field", facet.path);
    one.Set("delimiter", facet.delimiter == '\0' ? Json() : Json(std::string(1, facet.delimiter)));
    facets.Push(std::move(one));
  }
  for (const auto& [role, path] : roles.missing) {
    Json one;
    one.Set("role", catalogue::Name(role));
    one.Set("field", path);
    missing.Push(std::move(one));
  }
  const bool known = !roles.currency_code.empty();
  out->Set("roles", std::move(list));
  out->Set("facets", std::move(facets));
  out->Set("currency", known ? Json(roles.currency_code) : Json());
  out->Set("currency_evidence", known ? Json(roles.currency_evidence) : Json());
  out->Set("missing", std::move(missing));
}

}  // namespace trine::api::native
