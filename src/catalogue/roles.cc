#include "catalogue/roles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "analysis/analyzer.h"
#include "base/check.h"
#include "base/nearest_name.h"
#include "base/text.h"
#include "format/quantity_text.h"
#include "format/text.h"

namespace trine::catalogue {
namespace {

using format::Json;

constexpr uint32_t kMinValues = 3;  // fewer values say nothing about a field
constexpr double kMost = 0.8, kHalf = 0.5;
constexpr double kTitleDistinct = 0.6;  // least share of distinct values of a title found by data
constexpr double kMaxTitleBytes = 150;  // largest mean length of such a title
constexpr size_t kMaxDeclared = 200;    // declared fields of one collection
constexpr std::array<std::string_view, 21> kNo = {
    "n",        "no",       "false",    "0",        "-1",       "draft",    "archived",
    "hidden",   "private",  "off",      "inactive", "disabled", "진열안함", "미진열",
    "판매안함", "판매중지", "판매종료", "전시중지", "비노출",   "비공개",   "not visible individually"};
constexpr std::array<std::string_view, 9> kSoldOut = {"품절",        "일시품절",     "sold out",
                                                      "soldout",     "out of stock", "outofstock",
                                                      "unavailable", "없음",         "재고없음"};
constexpr std::array<std::string_view, 12> kInStock = {"y",       "yes",       "true",      "in stock",
                                                       "instock", "available", "있음",      "재고있음",
                                                       "판매중",  "preorder",  "backorder", "onbackorder"};

template <size_t N>
bool Among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool IsTextual(const Field& field) {
  return field.type == FieldType::kText || field.type == FieldType::kKeyword;
}

bool HasKeywordPart(const Field& field) {
  return std::any_of(field.fields.begin(), field.fields.end(),
                     [](const Field& f) { return f.type == FieldType::kKeyword; });
}

bool IsSingle(Role role) {
  return role == Role::kPrice || role == Role::kCurrency || role == Role::kWeight || role == Role::kStock ||
         role == Role::kCreated;
}

std::string Percent(uint32_t count, const FieldStatistics& s) {
  return std::to_string(static_cast<int>(std::round(100 * s.Share(count)))) + " % of " +
         std::to_string(s.values) + " values ";
}

// Whether a field of this type and with these values can have the role that its name says.
bool CanBe(Role role, const Field& field, const FieldStatistics* s) {
  const bool textual = IsTextual(field), numeric = IsNumeric(field.type);
  const bool known = s != nullptr && s->values >= kMinValues;
  switch (role) {
    case Role::kTitle:
      return textual && !(known && s->IsProse() && s->Share(s->prose) > kHalf);
    case Role::kText:
    case Role::kImage:
    case Role::kUrl:
      return textual;
    case Role::kPrice:
      return numeric || (textual && !(known && s->Share(s->numbers) < kHalf));
    case Role::kCurrency:
      return textual && !(known && s->Share(s->codes) < kHalf);
    case Role::kWeight:
      return numeric || (textual && !(known && s->Share(s->masses) < kHalf && s->Share(s->numbers) < kHalf));
    case Role::kCategory:
    case Role::kBrand:
    case Role::kColour:
      return textual && !(known && s->IsProse());
    case Role::kSize:
      return (textual || numeric) && !(known && s->IsProse());
    case Role::kStock:
    case Role::kVisible:
      return textual || numeric || field.type == FieldType::kBoolean;
    case Role::kCreated:
      return textual || numeric || field.type == FieldType::kDate;
  }
  return false;
}

constexpr double kIdDistinct = 0.95;   // least share of distinct values of an id found by data
constexpr uint32_t kMinIdValues = 20;  // fewer values differ by chance

// Whether a field without a role identifies products instead of describing them: it has the name of an id, or
// nearly every value is one word with a digit that no other product has. Names that also classify
// ("country_code", "model_no") need values that mostly differ.
bool IsId(std::string_view path, const FieldStatistics* s) {
  constexpr std::array<std::string_view, 9> kIds = {"id",   "uuid",     "sku",      "ean",   "isbn",
                                                    "gtin", "상품번호", "상품코드", "바코드"};
  std::string name = analysis::Fold(path.substr(path.rfind('.') + 1));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
  if (Among(kIds, name) || name.ends_with("_id") || name.ends_with("_sku") || name == "barcode") return true;
  if (s == nullptr || s->texts < kMinIdValues || s->texts != s->values) return false;
  const double distinct = static_cast<double>(s->distinct.size()) / s->texts;
  const bool code = name.ends_with("code") || name.ends_with("_no") || name.ends_with("번호") ||
                    name.ends_with("코드") || name == "품번";
  return distinct >= (code ? kHalf : kIdDistinct) && s->Share(s->coded) >= kMost;
}

struct Guess {
  Role role;
  std::string evidence;
};

// The role that the values of a field have by themselves.
std::optional<Guess> RoleOfData(const Field& field, const FieldStatistics* s) {
  if (s == nullptr || s->values < kMinValues || !IsTextual(field)) return std::nullopt;
  if (s->Share(s->codes) >= kMost) return Guess{Role::kCurrency, Percent(s->codes, *s) + "are currencies"};
  if (s->Share(s->pictures) >= kHalf) return Guess{Role::kImage, Percent(s->pictures, *s) + "name pictures"};
  if (s->Share(s->links) >= kMost) return Guess{Role::kUrl, Percent(s->links, *s) + "are URLs"};
  if (s->Share(s->masses) >= kHalf) return Guess{Role::kWeight, Percent(s->masses, *s) + "are masses"};
  if (s->Share(s->money) >= kHalf)
    return Guess{Role::kPrice, Percent(s->money, *s) + "are amounts with a currency sign"};
  if (s->Share(s->sizes) >= kHalf) return Guess{Role::kSize, Percent(s->sizes, *s) + "are sizes"};
  if (s->IsProse()) return Guess{Role::kText, Percent(s->prose, *s) + "are sentences or long"};
  if (s->Share(s->paths) >= kHalf)
    return Guess{Role::kCategory, Percent(s->paths, *s) + "are paths with '>'"};
  return std::nullopt;
}

// Collects the roles of one collection. Use once.
class RoleResolver {
 public:
  RoleResolver(const Mapping& mapping, const Binding* binding, const RoleDeclarations& declared,
               const CatalogueStatistics* statistics)
      : mapping_(mapping),
        binding_(binding),
        declared_(declared),
        statistics_(statistics),
        leaves_(mapping.Leaves()) {}

  Roles Resolve() {
    AddDeclarations();
    AddNamed();
    AddData();
    AddFallbacks();
    AddSubFields();
    AddFacets();
    SetUnits();
    SetCurrency();
    return std::move(roles_);
  }

 private:
  const FieldStatistics* StatisticsOf(std::string_view path) const {
    return statistics_ == nullptr ? nullptr : statistics_->Find(path);
  }

  // Whether a leaf is another index of its parent's values ("title.keyword"), not a field of its own.
  bool IsSubField(const std::string& path) const {
    const size_t dot = path.rfind('.');
    const Field* parent = dot == std::string::npos ? nullptr : mapping_.Find(path.substr(0, dot));
    return parent != nullptr && parent->type != FieldType::kObject;
  }

  bool HasRole(std::string_view path) const {
    return std::any_of(roles_.assigned.begin(), roles_.assigned.end(),
                       [&](const AssignedRole& a) { return a.field == path; });
  }
  bool IsAssigned(Role role) const {
    return std::any_of(roles_.assigned.begin(), roles_.assigned.end(),
                       [&](const AssignedRole& a) { return a.role == role; });
  }

  void Assign(Role role, const std::string& path, RoleSource source, std::string evidence) {
    TRINE_DCHECK(!path.empty());
    if (HasRole(path) || (IsSingle(role) && IsAssigned(role))) return;
    roles_.assigned.push_back({role, path, source, std::move(evidence)});
    switch (role) {
      case Role::kTitle:
        return roles_.titles.push_back(path);
      case Role::kText:
        return roles_.texts.push_back(path);
      case Role::kCategory:
        return roles_.categories.push_back(path);
      case Role::kBrand:
        return roles_.brands.push_back(path);
      case Role::kColour:
        return roles_.colours.push_back(path);
      case Role::kSize:
        return roles_.sizes.push_back(path);
      case Role::kImage:
        return roles_.images.push_back(path);
      case Role::kUrl:
        return roles_.urls.push_back(path);
      case Role::kVisible:
        if (const auto named = RoleOfName(path); named && named->role == role && named->inverse)
          roles_.inverse_visibles.push_back(path);
        return roles_.visibles.push_back(path);
      case Role::kPrice:
        roles_.price = path;
        return;
      case Role::kCurrency:
        roles_.currency = path;
        return;
      case Role::kWeight:
        roles_.weight = path;
        return;
      case Role::kStock:
        roles_.stock = path;
        if (const auto named = RoleOfName(path); named && named->role == role)
          roles_.stock_inverse = named->inverse;
        return;
      case Role::kCreated:
        roles_.created = path;
        return;
    }
  }

  void Declare(const RoleDeclarations& declared, const std::string& evidence) {
    std::set<Role> before = closed_;
    for (const auto& [role, path] : declared.roles) {
      const Field* field = mapping_.Find(path);
      if (field == nullptr) roles_.missing.emplace_back(role, path);
      if (field == nullptr || before.contains(role)) continue;
      Assign(role, path, RoleSource::kDeclared, evidence);
      closed_.insert(role);
    }
    if (roles_.currency_code.empty() && !declared.currency.empty()) {
      roles_.currency_code = declared.currency;
      roles_.currency_evidence = evidence;
    }
  }

  void AddDeclarations() {
    Declare(declared_, "the binding");
    // A `_meta` that an earlier release stored may be anything.
    if (const auto meta = ReadRoleDeclarations(mapping_.meta, "_meta"); meta.ok())
      Declare(*meta, "_meta of the mapping");
    if (binding_ == nullptr) return;
    for (const auto& [attribute, path] : binding_->fields) {
      const auto named = RoleOfName(attribute);
      const Field* field = mapping_.Find(path);
      if (!named || field == nullptr || closed_.contains(named->role)) continue;
      if (CanBe(named->role, *field, StatisticsOf(path)))
        Assign(named->role, path, RoleSource::kDeclared, "the binding's attribute " + attribute);
    }
  }

  void AddNamed() {
    struct Named {
      NamedRole named;
      std::string path;
    };
    std::vector<Named> found;
    for (const auto& [path, field] : leaves_) {
      if (IsSubField(path)) continue;
      auto named = RoleOfName(path);
      if (!named || closed_.contains(named->role) || !CanBe(named->role, *field, StatisticsOf(path)))
        continue;
      found.push_back({*std::move(named), path});
    }
    for (const Named& one : found) {
      // A single role goes to the preferred name, wherever it is in the mapping.
      const bool better =
          IsSingle(one.named.role) && std::any_of(found.begin(), found.end(), [&](const Named& other) {
            return other.named.role == one.named.role && other.named.rank < one.named.rank;
          });
      const bool guess =
          one.named.general && std::any_of(found.begin(), found.end(), [&](const Named& other) {
            return other.named.role == one.named.role && !other.named.general;
          });
      if (!better && !guess)
        Assign(one.named.role, one.path, RoleSource::kName,
               "its name (" + std::string(one.named.source) + ")");
    }
  }

  void AddData() {
    for (const auto& [path, field] : leaves_) {
      if (IsSubField(path) || HasRole(path)) continue;
      const auto guess = RoleOfData(*field, StatisticsOf(path));
      if (!guess || closed_.contains(guess->role)) continue;
      Assign(guess->role, path, RoleSource::kData, guess->evidence);
    }
  }

  void AddFallbacks() {
    if (roles_.created.empty()) {
      for (const auto& [path, field] : leaves_) {
        if (field->type == FieldType::kDate && !HasRole(path))
          Assign(Role::kCreated, path, RoleSource::kData, "the first date field");
      }
    }
    if (!roles_.titles.empty()) return;
    const std::string title = TitleByData();
    if (title.empty()) return;
    std::erase_if(roles_.assigned, [&](const AssignedRole& a) { return a.field == title; });
    std::erase(roles_.texts, title);
    Assign(Role::kTitle, title, RoleSource::kData,
           statistics_ == nullptr ? "the first text field" : "short texts of several words that differ");
  }

  // The field that most looks like a title; empty if there are no texts.
  std::string TitleByData() const {
    std::string first;
    for (const auto& [path, field] : leaves_) {
      if (IsSubField(path) || !IsTextual(*field)) continue;
      const auto is_text = [&path = path](const AssignedRole& a) {
        return a.field == path && a.role == Role::kText;
      };
      const bool text = std::any_of(roles_.assigned.begin(), roles_.assigned.end(), is_text);
      if (HasRole(path) && !text) continue;
      if (first.empty() && field->type == FieldType::kText && (text || !HasKeywordPart(*field))) first = path;
      const FieldStatistics* s = StatisticsOf(path);
      if (s == nullptr || s->values < kMinValues || s->texts == 0 || s->IsProse()) continue;
      if (s->Delimiter() != '\0') continue;  // tags
      const double mean = static_cast<double>(s->bytes) / s->texts;
      const double distinct = static_cast<double>(s->distinct.size()) / s->texts;
      const bool title = mean >= 4 && mean <= kMaxTitleBytes && distinct >= kTitleDistinct &&
                         s->Share(s->spaced) >= kHalf && s->Share(s->numbers) < kHalf;
      if (title) return path;
    }
    return first;
  }

  // Text sub-fields of a field ("brand.text") are searched with it.
  void AddSubFields() {
    for (const auto& [path, field] : leaves_) {
      if (!IsSubField(path) || field->type != FieldType::kText) continue;
      const std::string parent = path.substr(0, path.rfind('.'));
      const bool title = std::find(roles_.titles.begin(), roles_.titles.end(), parent) != roles_.titles.end();
      (title ? roles_.titles : roles_.texts).push_back(path);
    }
  }

  void AddFacets() {
    for (const auto& [path, field] : leaves_) {
      if (IsSubField(path) || !IsTextual(*field)) continue;
      if (field->type == FieldType::kText && !HasKeywordPart(*field)) {
        // Text that is not indexed whole is only searched.
        if (!HasRole(path)) roles_.texts.push_back(path);
        continue;
      }
      const auto it = std::find_if(roles_.assigned.begin(), roles_.assigned.end(),
                                   [&path = path](const AssignedRole& a) { return a.field == path; });
      if (it != roles_.assigned.end() && it->role != Role::kCategory && it->role != Role::kBrand &&
          it->role != Role::kColour && it->role != Role::kSize)
        continue;
      const FieldStatistics* s = StatisticsOf(path);
      const bool item_id = binding_ != nullptr && binding_->item_id_field == path;
      if (it == roles_.assigned.end() && (item_id || IsId(path, s))) {
        roles_.texts.push_back(path);  // a question that names a product by its id still finds it
        continue;
      }
      if (s != nullptr && (s->IsProse() || s->Share(s->links) >= kHalf)) continue;
      roles_.facets.push_back({path, s == nullptr ? '\0' : s->Delimiter()});
    }
  }

  void SetUnits() {
    if (roles_.weight.empty()) return;
    const FieldStatistics* s = StatisticsOf(roles_.weight);
    roles_.weight_has_unit = s != nullptr && s->Share(s->masses) >= kHalf;
    const auto named = RoleOfName(roles_.weight);
    if (named && !named->unit.empty()) roles_.grams_per_weight = format::GramsPer(named->unit).value_or(0);
    roles_.weight_has_unit = roles_.weight_has_unit || roles_.grams_per_weight > 0;
  }

  // "; others: USD in 3 values": of the sampled records. Such a record has a price in its own currency.
  static std::string OtherCurrencies(const FieldStatistics& s, const std::string& code) {
    std::string others;
    for (const auto& [other, count] : s.currencies) {
      if (other == code) continue;
      others += (others.empty() ? "; others: " : ", ") + other + " in " + std::to_string(count) +
                (count == 1 ? " value" : " values");
    }
    return others;
  }

  void SetCurrency() {
    if (!roles_.currency_code.empty()) {
      for (const std::string* path : {&roles_.currency, &roles_.price}) {
        const FieldStatistics* s = path->empty() ? nullptr : StatisticsOf(*path);
        if (s != nullptr) roles_.currency_evidence += OtherCurrencies(*s, roles_.currency_code);
      }
      return;
    }
    const auto use = [this](std::string code, std::string evidence) {
      roles_.currency_code = std::move(code);
      roles_.currency_evidence = std::move(evidence);
    };
    for (const std::string* path : {&roles_.currency, &roles_.price}) {
      const FieldStatistics* s = path->empty() ? nullptr : StatisticsOf(*path);
      if (s == nullptr) continue;
      for (const auto& [code, count] : s->currencies) {
        if (s->Share(count) > kHalf)
          return use(code, Percent(count, *s) + "of " + *path + " say so" + OtherCurrencies(*s, code));
      }
    }
    const auto named = roles_.price.empty() ? std::nullopt : RoleOfName(roles_.price);
    if (named && !named->currency.empty()) use(named->currency, "the name " + roles_.price);
  }

  const Mapping& mapping_;
  const Binding* binding_;
  const RoleDeclarations& declared_;
  const CatalogueStatistics* statistics_;
  const std::vector<std::pair<std::string, const Field*>> leaves_;
  std::set<Role> closed_;  // declared explicitly: names and data add nothing
  Roles roles_;
};

std::vector<std::string> FieldNames(const Mapping& mapping) {
  std::vector<std::string> names;
  for (const auto& [path, field] : mapping.Leaves()) names.push_back(path);
  return names;
}

std::optional<bool> Flag(const Json& value) {
  if (value.is_bool()) return value.boolean();
  if (value.is_number()) return value.number() > 0;
  if (!value.is_string()) return std::nullopt;
  const std::string text = analysis::Fold(value.string());
  if (Among(kNo, text) || Among(kSoldOut, text)) return false;
  if (const auto number = format::ParseDouble(text)) return *number > 0;
  if (Among(kInStock, text)) return true;
  return std::nullopt;
}

}  // namespace

std::string_view Name(RoleSource source) {
  switch (source) {
    case RoleSource::kDeclared:
      return "declared";
    case RoleSource::kName:
      return "name";
    case RoleSource::kData:
      return "data";
  }
  FailCheck(__FILE__, __LINE__, "a source of roles outside its enumeration");
}

bool Roles::IsFacet(std::string_view path) const {
  return std::any_of(facets.begin(), facets.end(), [&](const FacetField& f) { return f.path == path; });
}

bool Roles::IsCategory(std::string_view path) const {
  return std::find(categories.begin(), categories.end(), path) != categories.end();
}

Result<RoleDeclarations> ReadRoleDeclarations(const Json& json, const std::string& where) {
  RoleDeclarations declared;
  const Json* roles = json.Find("roles");
  if (roles != nullptr && roles->is_object()) {
    for (const auto& [name, value] : roles->object()) {
      const std::string at = where + ".roles." + name;
      const auto role = RoleNamed(name);
      if (!role)
        return Error(ErrorCode::kInvalid,
                     "unknown role \"" + name + "\"" + NearestNameHint(name, RoleNames()))
            .Expected(
                "title, text, price, currency, category, brand, colour, size, weight, image, url, stock, "
                "visible or created")
            .Got(name)
            .Where(at);
      for (const Json& path : value.is_array() ? value.array() : Json::Array{value}) {
        if (!path.is_string() || path.string().empty() || declared.roles.size() >= kMaxDeclared)
          return Error(ErrorCode::kInvalid, "a role needs the path of a field, or a list of paths").Where(at);
        declared.roles.emplace_back(*role, path.string());
      }
    }
  }
  const Json* currency = json.Find("currency");
  if (currency != nullptr && currency->is_string() && !currency->string().empty()) {
    declared.currency = format::CurrencyCode(currency->string());
    if (declared.currency.empty())
      return Error(ErrorCode::kInvalid, "unknown currency")
          .Expected("the ISO 4217 code of a currency, such as KRW or USD")
          .Got(currency->string())
          .Where(where + ".currency");
  }
  return declared;
}

Json RoleDeclarationsJson(const RoleDeclarations& declared) {
  Json out(Json::Object{}), roles(Json::Object{});
  for (const auto& [role, path] : declared.roles) {
    const std::string name(Name(role));
    if (roles.Find(name) == nullptr) roles.Set(name, Json(Json::Array{}));
    roles.Find(name)->Push(path);
  }
  out.Set("roles", std::move(roles));
  if (!declared.currency.empty()) out.Set("currency", declared.currency);
  return out;
}

Status CheckRoleFields(const RoleDeclarations& declared, const Mapping& mapping, const std::string& where) {
  const std::vector<std::string> names = FieldNames(mapping);
  if (names.empty()) return Ok();
  for (const auto& [role, path] : declared.roles) {
    if (mapping.Find(path) != nullptr) continue;
    return Error(ErrorCode::kInvalid, "the role \"" + std::string(Name(role)) +
                                          "\" names a field that the mapping does not have" +
                                          NearestNameHint(path, names))
        .Expected("a field of the mapping")
        .Got(path)
        .Where(where + ".roles." + std::string(Name(role)));
  }
  return Ok();
}

Status CheckDeclaredRoles(const Mapping& mapping) {
  TRINE_ASSIGN(const RoleDeclarations declared, ReadRoleDeclarations(mapping.meta, "_meta"));
  return CheckRoleFields(declared, mapping, "_meta");
}

Roles ResolveRoles(const Mapping& mapping, const Binding* binding, const RoleDeclarations& declared,
                   const CatalogueStatistics* statistics) {
  return RoleResolver(mapping, binding, declared, statistics).Resolve();
}

std::vector<std::string> TextsAt(const Json& source, std::string_view path) {
  std::vector<std::string> out;
  const Json* value = path.empty() ? nullptr : source.FindPath(path);
  const auto add = [&out](const Json& one) {
    if (one.is_string())
      out.push_back(one.string());
    else if (one.is_number() || one.is_bool())
      out.push_back(format::ToString(one));
  };
  if (value == nullptr) return out;
  if (value->is_array())
    std::for_each(value->array().begin(), value->array().end(), add);
  else
    add(*value);
  return out;
}

std::vector<std::string> FacetTexts(const Json& source, const FacetField& facet) {
  std::vector<std::string> whole = TextsAt(source, facet.path);
  if (facet.delimiter == '\0') return whole;
  std::vector<std::string> out;
  for (const std::string& text : whole) {
    for (size_t start = 0; start <= text.size();) {
      const size_t end = std::min(text.find(facet.delimiter, start), text.size());
      const std::string_view piece = Trim(std::string_view(text).substr(start, end - start));
      if (!piece.empty()) out.emplace_back(piece);
      start = end + 1;
    }
  }
  return out;
}

std::vector<std::string> FacetTexts(const Roles& roles, const Json& source, std::string_view path) {
  for (const FacetField& facet : roles.facets) {
    if (facet.path == path) return FacetTexts(source, facet);
  }
  return TextsAt(source, path);
}

std::optional<Price> PriceOf(const Roles& roles, const Json& source) {
  const Json* value = roles.price.empty() ? nullptr : source.FindPath(roles.price);
  if (value == nullptr) return std::nullopt;
  Price price;
  if (value->is_number()) {
    price.amount = value->number();
  } else if (value->is_string()) {
    const auto money = format::FindMoney(value->string());
    if (!money) return std::nullopt;
    price = {money->amount, money->currency};
  } else {
    return std::nullopt;
  }
  if (!std::isfinite(price.amount)) return std::nullopt;
  for (const std::string& text : TextsAt(source, roles.currency)) {
    if (const std::string code = format::CurrencyCode(text); !code.empty()) price.currency = code;
  }
  if (price.currency.empty()) price.currency = roles.currency_code;
  return price;
}

std::optional<double> GramsOf(const Roles& roles, const Json& source) {
  const Json* value = roles.weight.empty() ? nullptr : source.FindPath(roles.weight);
  if (value == nullptr) return std::nullopt;
  std::optional<double> number;
  if (value->is_number()) number = value->number();
  if (value->is_string()) {
    if (const auto grams = format::ParseGrams(value->string())) return grams;
    number = format::ParseMoney(value->string());
  }
  if (!number || !(*number >= 0) || roles.grams_per_weight <= 0) return std::nullopt;
  return *number * roles.grams_per_weight;
}

std::optional<bool> StockOf(const Json& value, bool inverse) {
  const auto flag = Flag(value);
  if (!flag) return std::nullopt;
  // "품절여부: 품절" says that the product is sold out, in a field that asks whether it is.
  const bool word = value.is_string() && Among(kSoldOut, analysis::Fold(value.string()));
  return inverse && !word ? !*flag : *flag;
}

std::optional<bool> InStock(const Roles& roles, const Json& source) {
  const Json* value = roles.stock.empty() ? nullptr : source.FindPath(roles.stock);
  return value == nullptr ? std::nullopt : StockOf(*value, roles.stock_inverse);
}

bool IsVisible(const Roles& roles, const Json& source) {
  for (const std::string& path : roles.visibles) {
    const Json* value = source.FindPath(path);
    if (value == nullptr) continue;
    const bool inverse = std::find(roles.inverse_visibles.begin(), roles.inverse_visibles.end(), path) !=
                         roles.inverse_visibles.end();
    std::optional<bool> flag;
    // A product that is sold out is not hidden: 판매상태 may say 품절.
    const bool sold_out = value->is_string() && Among(kSoldOut, analysis::Fold(value->string()));
    if (!sold_out) flag = Flag(*value);
    if (flag && *flag == inverse) return false;
  }
  return true;
}

}  // namespace trine::catalogue
