// EventClass: what an event's type says about how much the item was wanted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trine::recommend {

// Reaches checkpoints; never reuse a number.
enum class EventClass : uint8_t { kOther = 0, kView = 1, kCart = 2, kPurchase = 3 };

// By well-known words in any case and with any of "_- " between: "AddToCart", "add_to_cart", "구매".
EventClass ClassOf(std::string_view type);

// How much an event says about taste, of 1.
double TasteWeight(EventClass c);

// ASCII letters in lower case: event types are compared so.
std::string LowerType(std::string_view type);

}  // namespace trine::recommend
