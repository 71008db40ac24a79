// EventClass: how strongly an event's type indicates interest in the item.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trine::recommend {

// The numbers are stored in checkpoints; never reuse one.
enum class EventClass : uint8_t { kOther = 0, kView = 1, kCart = 2, kPurchase = 3 };

// Recognises well-known English and Korean words in any case, with or without '_', '-' or spaces between
// them: "AddToCart", "add_to_cart", "구매". Any other type is kOther.
EventClass ClassOf(std::string_view type);

// The weight of an event in a person's taste, above 0 and up to 1.
double TasteWeight(EventClass c);

// Returns the form in which event types are compared: ASCII letters in lower case.
std::string LowerType(std::string_view type);

}  // namespace trine::recommend
