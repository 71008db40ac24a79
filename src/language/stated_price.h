// The price that the text of a product states, told apart from other amounts of money in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "format/quantity_text.h"

namespace trine::language {

// The only price in a text: an amount with a currency that is neither a shipping cost, a discount nor a
// credit
// ("배송비 3,000원", "$5 off"), nor a former price beside a present one ("정가 60,000원, 45,000원", "was $50,
// now $39", "~~$50~~ $39"). A former price is the price if there is no other. nullopt if there is none, or if
// several remain. Thread-safe.
std::optional<format::Money> StatedPrice(std::string_view text);

// Whether a column of this name has amounts that are not the price: shipping, credits, discounts.
// Thread-safe.
bool IsOtherAmount(std::string_view name);

}  // namespace trine::language
