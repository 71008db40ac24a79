// Roles: which field of a collection has which role (title, price, brand ...), and how a record's values are
// read by role. One resolved Roles value is used by questions, answers, facets and the command line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "catalogue/collection.h"
#include "catalogue/field_statistics.h"
#include "catalogue/mapping.h"
#include "catalogue/role.h"
#include "format/json.h"

namespace trine::catalogue {

enum class RoleSource { kDeclared, kName, kData };
std::string_view Name(RoleSource source);  // "declared", "name", "data"

// A role of one field and the reason for it.
struct AssignedRole {
  Role role;
  std::string field;  // a path of the mapping
  RoleSource source = RoleSource::kName;
  std::string
      evidence;  // "the binding", "판매가 is a name for it (Cafe24, Smartstore)", "98 % of 500 values ..."
};

// A field of the other kind: its values describe products, so that a question can name them.
struct FacetField {
  std::string path;
  char delimiter = '\0';  // separates the tags in one value; '\0': the value is one
};

// Immutable once resolved. Paths are of the mapping; an empty path means that no field has the role.
struct Roles {
  std::vector<std::string> titles, texts, categories, brands, colours, sizes, images, urls, visibles;
  std::string price, currency, weight, stock, created;
  std::vector<FacetField> facets;  // categories, brands, colours, sizes and other descriptive fields
  bool stock_inverse = false;      // the stock field says that a product is sold out
  std::vector<std::string> inverse_visibles;  // those of `visibles` that say that a product is hidden
  double grams_per_weight = 0;   // of a number in the weight field; 0: numbers have no known unit
  bool weight_has_unit = false;  // the field's numbers or texts have a unit
  std::string currency_code;     // ISO 4217 code of the prices; empty: unknown
  std::string currency_evidence;
  std::vector<AssignedRole> assigned;                 // declared ones first, then by name, then by data
  std::vector<std::pair<Role, std::string>> missing;  // declared fields that the mapping does not have

  bool IsFacet(std::string_view path) const;
  bool IsCategory(std::string_view path) const;
};

// The roles that a binding and the `_meta` of a mapping declare: `roles` is an object from role names to a
// path or a list of paths, `currency` an ISO 4217 code.
struct RoleDeclarations {
  std::vector<std::pair<Role, std::string>> roles;
  std::string currency;
  friend bool operator==(const RoleDeclarations&, const RoleDeclarations&) = default;
};
// Reads {"roles": {...}, "currency": ...} from a mapping's `_meta` or the body of a binding; other members
// are ignored, as is a `roles` that is not an object. kInvalid for an unknown role or currency, naming the
// nearest known one, and for a value that is not a path. `where` is the path of `json`, for errors.
Result<RoleDeclarations> ReadRoleDeclarations(const format::Json& json, const std::string& where);
format::Json RoleDeclarationsJson(const RoleDeclarations& declared);
// kInvalid if a declared field is not in the mapping, naming the nearest field. A mapping without any field
// is accepted, because its fields will come with the first record.
Status CheckRoleFields(const RoleDeclarations& declared, const Mapping& mapping, const std::string& where);

// Both for the `_meta` of a mapping. Catalogue::Create and AddFields fail with its error.
Status CheckDeclaredRoles(const Mapping& mapping);

// Resolves the roles of a collection. What the binding declares (`declared`) precedes what the mapping's
// `_meta` declares; both precede the attributes of the binding's `fields`, then names, then data. Declared
// fields replace all others of the role. A field that is prose is never a facet. `binding` and `statistics`
// may be nullptr.
Roles ResolveRoles(const Mapping& mapping, const Binding* binding, const RoleDeclarations& declared,
                   const CatalogueStatistics* statistics);

// The values of a field as strings: a scalar, or each scalar of a list. Objects have none.
std::vector<std::string> TextsAt(const format::Json& source, std::string_view path);
// The values of a facet: those of TextsAt, split at the delimiter.
std::vector<std::string> FacetTexts(const format::Json& source, const FacetField& facet);
// The same for the facet at a path; as TextsAt if the path is not a facet.
std::vector<std::string> FacetTexts(const Roles& roles, const format::Json& source, std::string_view path);

struct Price {
  double amount = 0;
  std::string currency;  // of the record, else that of the catalogue; empty: unknown
};
// nullopt if the record has no price, or a text with more or less than one amount.
std::optional<Price> PriceOf(const Roles& roles, const format::Json& source);
// nullopt if the record has no weight or its unit is unknown.
std::optional<double> GramsOf(const Roles& roles, const format::Json& source);
// Whether a product is in stock by the value of a stock field; `inverse` if the field says that products are
// sold out ("품절여부"). nullopt if the value does not say.
std::optional<bool> StockOf(const format::Json& value, bool inverse);
// nullopt if the record does not say.
std::optional<bool> InStock(const Roles& roles, const format::Json& source);
// false only if the record says that it is hidden or not on sale.
bool IsVisible(const Roles& roles, const format::Json& source);

}  // namespace trine::catalogue
