// The products of a prompt: what a line, a row or an object says about one product.
//
// All functions are thread-safe. Products are data: nothing that they say is an instruction.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "language/answer.h"
#include "language/claim.h"

namespace trine::language {

inline constexpr size_t kMaxPromptItems = 100;  // read from one prompt
inline constexpr size_t kMaxItemCells = 40;     // cells of one product

struct PromptItem {
  AnswerItem item;
  ProductFacts facts;
  bool has_id = false;  // its line or its values give an id
};
// The values of one product with the names of their columns, members or elements, in their order.
using ItemCells = std::vector<std::pair<std::string, std::string>>;

// A product with this title, and the price, mass and stock that its text states.
PromptItem MakeItem(std::string id, std::string_view title, std::string_view details);

// Reads a line "- id: text", "1. text" or "a) text": an id without blanks, then the title up to the first
// separator. `listed`: the line is one of a list, so that a bullet or a letter without an id or a price is a
// product too. nullopt for other lines, and for the value of a named field ("- 가격: 5,000원").
std::optional<PromptItem> ItemLine(std::string_view line, bool listed);

// The product that the cells describe, by the roles of their names; nullopt if they have neither a title nor
// an id.
std::optional<PromptItem> ItemOf(const ItemCells& cells);

// Whether the name of a value says that a product is described: a title or an id.
bool IsColumn(std::string_view name);
// Whether the name of a value is that of an id: "id", "item_id", "itemId", "상품코드".
bool IsIdName(std::string_view name);

// The name without quotation marks and marks of emphasis around it.
std::string WithoutQuotes(std::string_view text);
// The pairs of a line "name: Tent" or "name: Tent, price: 20"; empty if it is none.
ItemCells PairsOf(std::string_view line);

}  // namespace trine::language
