// Role: what a field means to a shopper (its title, price, brand ...), and what the name of a field says
// about its role.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trine::catalogue {

// Reaches disk in bindings, by number; never reuse a number.
enum class Role : int {
  kTitle = 1,
  kText = 2,
  kPrice = 3,
  kCurrency = 4,
  kCategory = 5,
  kBrand = 6,
  kColour = 7,
  kSize = 8,
  kWeight = 9,
  kImage = 10,
  kUrl = 11,
  kStock = 12,
  kVisible = 13,
  kCreated = 14,
};
inline constexpr std::array kAllRoles = {Role::kTitle,    Role::kText,   Role::kPrice,  Role::kCurrency,
                                         Role::kCategory, Role::kBrand,  Role::kColour, Role::kSize,
                                         Role::kWeight,   Role::kImage,  Role::kUrl,    Role::kStock,
                                         Role::kVisible,  Role::kCreated};
std::string_view Name(Role role);  // "title", "text", "price" ...
// Ignores ASCII case; "color" is accepted for "colour". nullopt for an unknown name.
std::optional<Role> RoleNamed(std::string_view name);
std::vector<std::string> RoleNames();

// The role that the name of a field suggests.
struct NamedRole {
  Role role;
  size_t rank = 0;          // of several fields named for one role, that with the lowest rank has it
  std::string_view source;  // where the name is used: "Korean", "Cafe24", "Shopify" ...
  bool inverse = false;     // the field states the opposite: "품절여부" (sold out) for kStock
  std::string unit;         // of a weight: "g", "kg" ...; empty: the name has none
  std::string currency;     // of a price: "KRW", "USD" ...; empty: the name has none
  bool general = false;     // "상품", "product": the role is a guess, if no other field has it
};
// Looks up the last part of a field path in the table of names (role_names.inc). Ignores case, blanks and
// separators; suffixes for languages, levels, units and currencies ("title_en", "category_l1", "price_usd",
// "Weight (kg)") and prefixes such as "product" and "상품". nullopt for a name that is not in the table.
// Thread-safe.
std::optional<NamedRole> RoleOfName(std::string_view path);

}  // namespace trine::catalogue
