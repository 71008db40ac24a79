#include "recommend/model/item_features.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "base/text.h"
#include "catalogue/role.h"
#include "format/text.h"

namespace trine::recommend {
namespace {

constexpr size_t kMaxPathDepth = 3;     // members nested deeper are not read as attributes
constexpr size_t kMaxTextBytes = 4000;  // bytes of each text that are tokenised

// Returns the column of a path: "size.eu" becomes SIZE_EU.
std::string ColumnOfPath(std::string_view path) {
  std::string column = UpperColumn(path);
  std::ranges::replace(column, '.', '_');
  return column;
}

// Ids and links do not describe what kind of thing an item is.
bool IsNoise(std::string_view name, std::string_view value) {
  return value.empty() || value.find("://") != std::string_view::npos || name == "ITEM_ID" || name == "ID" ||
         name.ends_with("_ID");
}

ColumnUse UseOfRole(catalogue::Role role) {
  using catalogue::Role;
  switch (role) {
    case Role::kTitle:
      return ColumnUse::kTitle;
    case Role::kText:
      return ColumnUse::kText;
    case Role::kPrice:
    case Role::kWeight:
      return ColumnUse::kBand;
    case Role::kCreated:
      return ColumnUse::kCreated;
    case Role::kImage:
    case Role::kUrl:
      return ColumnUse::kNone;
    case Role::kCurrency:
    case Role::kCategory:
    case Role::kBrand:
    case Role::kColour:
    case Role::kSize:
    case Role::kStock:
    case Role::kVisible:
      return ColumnUse::kValue;
  }
  FailCheck(__FILE__, __LINE__, "a role outside its enumeration");
}

class FeatureReader {
 public:
  FeatureReader(const catalogue::Binding& binding, ColumnUses& uses) : binding_(binding), uses_(uses) {}

  void Read(const format::Json& value, const std::string& path, size_t depth) {
    if (path == binding_.item_id_field && !path.empty()) return;
    if (value.is_object()) {
      if (depth >= kMaxPathDepth) return;
      for (const auto& [name, member] : value.object()) {
        Read(member, path.empty() ? name : path + "." + name, depth + 1);
      }
    } else if (value.is_array()) {
      const Column column = ColumnOf(path);
      for (const format::Json& element : value.array()) {
        if (element.is_string()) ReadString(column, element.string());
      }
    } else if (!value.is_null()) {
      ReadScalar(ColumnOf(path), value);
    }
  }
  ItemFeatures Take() {
    for (const std::string& text : titles_) AddTokens(text, kMaxItemTokens, &features_.tokens);
    for (const std::string& text : texts_) AddTokens(text, kMaxItemTokens, &features_.tokens);
    return std::move(features_);
  }

 private:
  struct Column {
    std::string name;
    ColumnUses::Entry entry;
  };
  // A role is found by the attribute that the binding assigns to the field, or else by the field's path.
  Column ColumnOf(const std::string& path) const {
    for (const auto& [attribute, field] : binding_.fields) {
      if (field == path) return {attribute, uses_.Of(attribute, path)};
    }
    return {ColumnOfPath(path), uses_.Of(path, path)};
  }

  void ReadScalar(const Column& column, const format::Json& value) {
    if (column.entry.use == ColumnUse::kNone) return;
    if (column.entry.use == ColumnUse::kCreated) {
      ReadCreated(column, value);
    } else if (value.is_string()) {
      ReadString(column, value.string());
    } else if (value.is_bool()) {
      Add(column.name, value.boolean() ? "true" : "false");
    } else if (value.is_number() && column.entry.use == ColumnUse::kBand) {
      Add(column.name, NumberBand(value.number()));
    }
  }

  // Of several columns with this role, the one with the best name counts.
  void ReadCreated(const Column& column, const format::Json& value) {
    std::optional<Millis> created;
    if (value.is_number() && std::isfinite(value.number()) && std::abs(value.number()) < 1e15) {
      const double n = value.number();
      created = Millis{static_cast<int64_t>(std::abs(n) > 1e11 ? n : n * 1000)};
    } else if (value.is_string()) {
      created = format::ParseTime(value.string(), 0, format::Epoch::kGuess);
    }
    if (!created || column.entry.rank > created_rank_) return;
    created_rank_ = column.entry.rank;
    features_.created = created;
  }

  void ReadString(const Column& column, const std::string& text) {
    const ColumnUse use = column.entry.use;
    if (use == ColumnUse::kNone || use == ColumnUse::kCreated || IsNoise(column.name, text)) return;
    if (use == ColumnUse::kBand) {
      auto number = format::ParseDouble(text);
      if (!number) number = format::ParseMoney(text);  // "12,900원"
      if (number) return Add(column.name, NumberBand(*number));
    }
    if (use == ColumnUse::kTitle || use == ColumnUse::kText || text.size() > kMaxValueBytes) {
      (use == ColumnUse::kTitle ? titles_ : texts_).push_back(text.substr(0, kMaxTextBytes));
      features_.text_columns.push_back(column.name);
      return;
    }
    std::string_view rest = text;
    while (!rest.empty()) {
      const size_t bar = std::min(rest.find('|'), rest.size());
      AddPath(column.name, rest.substr(0, bar));
      rest.remove_prefix(std::min(bar + 1, rest.size()));
    }
  }

  // "패션>여성" adds both "패션" and "패션>여성".
  void AddPath(const std::string& column, std::string_view value) {
    for (size_t at = value.find('>'); at != std::string_view::npos; at = value.find('>', at + 1)) {
      Add(column, value.substr(0, at));
    }
    Add(column, value);
  }

  void Add(const std::string& column, std::string_view value) {
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    while (!value.empty() && value.back() == ' ') value.remove_suffix(1);
    if (value.empty() || features_.values.size() >= kMaxItemValues) return;
    std::pair<std::string, std::string> pair(column, value);
    if (std::ranges::find(features_.values, pair) == features_.values.end())
      features_.values.push_back(std::move(pair));
  }

  const catalogue::Binding& binding_;
  ColumnUses& uses_;
  ItemFeatures features_;
  size_t created_rank_ = SIZE_MAX;
  std::vector<std::string> titles_, texts_;
};

// The length in bytes of the first character; 1 for an invalid byte.
size_t CharacterBytes(std::string_view text) {
  const auto first = static_cast<uint8_t>(text.front());
  const size_t size = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return std::min(size, text.size());
}

bool IsWordByte(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string AgeBand(double age) {
  constexpr std::array<int, 6> kEdges = {18, 25, 35, 45, 55, 65};
  if (age < kEdges.front()) return "0-17";
  for (size_t i = 1; i < kEdges.size(); ++i) {
    if (age < kEdges[i]) return std::to_string(kEdges[i - 1]) + "-" + std::to_string(kEdges[i] - 1);
  }
  return "65+";
}

}  // namespace

void AddTokens(std::string_view text, size_t limit, std::vector<std::string>* tokens) {
  const auto add = [&](std::string token) {
    if (tokens->size() < limit && std::ranges::find(*tokens, token) == tokens->end()) {
      tokens->push_back(std::move(token));
    }
  };
  while (!text.empty() && tokens->size() < limit) {
    if (IsWordByte(text.front())) {
      size_t end = 0;
      std::string word;
      for (; end < text.size() && IsWordByte(text[end]); ++end) {
        word.push_back(text[end] >= 'A' && text[end] <= 'Z' ? static_cast<char>(text[end] + 32) : text[end]);
      }
      text.remove_prefix(end);
      if (word.size() > 1 && word.size() <= kMaxValueBytes) add(std::move(word));
      continue;
    }
    const size_t first = CharacterBytes(text);
    const bool ascii = static_cast<uint8_t>(text.front()) < 0x80;
    const std::string_view rest = text.substr(first);
    if (!ascii && !rest.empty() && static_cast<uint8_t>(rest.front()) >= 0x80) {
      add(std::string(text.substr(0, first + CharacterBytes(rest))));
    }
    text = rest;
  }
}

std::string NumberBand(double value) {
  if (!std::isfinite(value)) return {};
  if (value < 1) return value < 0 ? "below 0" : "0-1";
  if (value > 1e15) return "above 1e15";
  double low = 1;
  constexpr std::array<double, 3> kSteps = {2, 2.5, 2};
  for (size_t i = 0;; i = (i + 1) % kSteps.size()) {
    const double high = low * kSteps[i];
    if (value < high) {
      return std::to_string(std::llround(low)) + "-" + std::to_string(std::llround(high));
    }
    low = high;
  }
}

ColumnUses::Entry ColumnUses::Of(const std::string& name, const std::string& path) {
  if (const auto known = known_.find(path); known != known_.end()) return known->second;
  if (known_.size() >= kMaxKnown) known_.clear();
  const Entry entry = Find(name, path);
  known_.emplace(path, entry);
  return entry;
}

ColumnUses::Entry ColumnUses::Find(const std::string& name, const std::string& path) const {
  for (const auto& [role, field] : declared_) {
    if (field == path) return {UseOfRole(role), 0};
  }
  const auto named = catalogue::RoleOfName(name);
  if (!named || named->general) return {};
  const ColumnUse use = UseOfRole(named->role);
  const bool taken =
      std::ranges::any_of(declared_, [&](const auto& entry) { return entry.first == named->role; });
  // Another field is the title, or tells when the item was created.
  if (taken && use == ColumnUse::kTitle) return {ColumnUse::kText, named->rank};
  if (taken && use == ColumnUse::kCreated) return {ColumnUse::kNone, named->rank};
  return {use, named->rank};
}

DeclaredFields DeclaredFieldsOf(const catalogue::RoleDeclarations& binding,
                                const catalogue::Mapping& mapping) {
  DeclaredFields declared = binding.roles;
  // A `_meta` that an earlier release stored may be anything.
  const auto meta = catalogue::ReadRoleDeclarations(mapping.meta, "_meta");
  if (!meta.ok()) return declared;
  for (const auto& [role, path] : meta->roles) {
    const bool taken =
        std::ranges::any_of(binding.roles, [&, r = role](const auto& entry) { return entry.first == r; });
    if (!taken) declared.emplace_back(role, path);
  }
  return declared;
}

ItemFeatures ReadItemFeatures(const format::Json& source, const catalogue::Binding& binding,
                              ColumnUses* uses) {
  FeatureReader reader(binding, *uses);
  reader.Read(source, "", 0);
  return reader.Take();
}

std::vector<std::pair<std::string, std::string>> ReadUserAttributes(const format::Json& attributes,
                                                                    size_t limit) {
  std::vector<std::pair<std::string, std::string>> features;
  if (!attributes.is_object()) return features;
  for (const auto& [name, value] : attributes.object()) {
    const std::string column = ColumnOfPath(name);
    if (column == "USER_ID") continue;
    const auto add = [&](std::string_view text) {
      if (!text.empty() && text.size() <= kMaxValueBytes && features.size() < limit) {
        features.emplace_back(column, text);
      }
    };
    if (value.is_bool()) {
      add(value.boolean() ? "true" : "false");
    } else if (value.is_number()) {
      add(column == "AGE" ? AgeBand(value.number()) : NumberBand(value.number()));
    } else if (value.is_string()) {
      const auto age = column == "AGE" ? format::ParseDouble(value.string()) : std::nullopt;
      if (age) {
        add(AgeBand(*age));
        continue;
      }
      std::string_view rest = value.string();
      while (!rest.empty()) {
        const size_t bar = std::min(rest.find('|'), rest.size());
        add(rest.substr(0, bar));
        rest.remove_prefix(std::min(bar + 1, rest.size()));
      }
    }
  }
  return features;
}

std::string UpperColumn(std::string_view name) { return ToUpperAscii(name); }

bool IsRegionColumn(std::string_view column) {
  constexpr std::array<std::string_view, 12> kNames = {"REGION",   "CITY",  "COUNTRY", "LOCATION",
                                                       "PROVINCE", "STATE", "AREA",    "DISTRICT",
                                                       "지역",     "도시",  "ADDRESS", "LOCALE"};
  return std::ranges::any_of(kNames, [&](std::string_view n) {
    return column == n || column.ends_with(std::string("_").append(n));
  });
}

}  // namespace trine::recommend
