#include "catalogue/item_attribute.h"

#include <cmath>

#include "format/text.h"

namespace trine::catalogue {
namespace {

using format::Json;

// Larger numbers are milliseconds: 1e11 is the year 5138 in seconds, 1973 in milliseconds.
constexpr double kLeastMillis = 1e11;

// Returns the mapped field to which `found`, the value of `attribute` in `source`, belongs; nullptr if it is
// not mapped. If `found` is a top-level member of `source`, its field has the member's name, which may differ
// from `attribute` in case and underscores.
const Field* FieldOf(const AttributeReader& reader, const Mapping& mapping, const Json& source,
                     std::string_view attribute, const Json* found) {
  if (source.is_object()) {
    for (const auto& [name, value] : source.object()) {
      if (&value == found) return mapping.Find(name);
    }
  }
  return mapping.Find(reader.PathFor(attribute));
}

bool MayBeTime(const Json& value) {
  if (value.is_number()) return std::abs(value.number()) > kLeastMillis;
  return value.is_string() && value.string().size() >= 4 && value.string()[0] >= '0' &&
         value.string()[0] <= '9';
}

}  // namespace

std::optional<int64_t> EpochSeconds(const Json& value) {
  if (value.is_number()) {
    const double n = value.number();
    if (!std::isfinite(n) || std::abs(n) >= 1e15) return std::nullopt;
    return static_cast<int64_t>(std::floor(std::abs(n) > kLeastMillis ? n / 1000 : n));
  }
  if (!value.is_string()) return std::nullopt;
  const auto time = format::ParseTime(value.string(), 0, format::Epoch::kGuess);
  if (!time) return std::nullopt;
  return static_cast<int64_t>(std::floor(static_cast<double>(time->value) / 1000));
}

const Json* ReadAttribute(const AttributeReader& reader, const Mapping* mapping, const Json& source,
                          std::string_view attribute, Json* scratch) {
  const Json* found = reader.Find(source, attribute);
  if (found == nullptr || !MayBeTime(*found)) return found;
  const Field* field = mapping == nullptr ? nullptr : FieldOf(reader, *mapping, source, attribute, found);
  const bool created = attribute == "CREATION_TIMESTAMP";
  if (!created && (field == nullptr || field->type != FieldType::kDate)) return found;
  const std::optional<int64_t> seconds = EpochSeconds(*found);
  if (!seconds) return found;
  *scratch = Json(*seconds);
  return scratch;
}

}  // namespace trine::catalogue
