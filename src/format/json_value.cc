#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "format/decimal.h"
#include "format/json.h"
#include "format/text.h"

namespace trine::format {
namespace {

// 2^63 and 2^64 are exact as doubles. Doubles in [-2^63, 2^63) can be converted to int64_t, those in
// [0, 2^64) to uint64_t.
constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kTwo64 = 18446744073709551616.0;

bool EqualsUnsigned(double d, uint64_t u) {
  return d >= 0 && d < kTwo64 && static_cast<uint64_t>(d) == u &&
         d == static_cast<double>(static_cast<uint64_t>(d));
}

bool EqualsSigned(double d, int64_t i) {
  return d >= -kTwo63 && d < kTwo63 && static_cast<int64_t>(d) == i &&
         d == static_cast<double>(static_cast<int64_t>(d));
}

// Whether the double that `token` denotes is printed as `token` in every number style: a plain decimal of at
// most 15 digits from 0.001 to 9999999, without needless zeros. May return false for such a token.
bool IsPlainDecimal(std::string_view token) {
  constexpr size_t kExactDigits = 15, kMostWhole = 7, kMostWholeAlone = 5;
  if (token.starts_with('-')) token.remove_prefix(1);
  const size_t dot = token.find('.');
  if (dot == std::string_view::npos || dot > kMostWhole || token.size() > kExactDigits + 1) return false;
  const std::string_view whole = token.substr(0, dot), fraction = token.substr(dot + 1);
  if (!std::all_of(fraction.begin(), fraction.end(), IsAsciiDigit)) return false;  // an exponent
  if (fraction == "0") return dot <= kMostWholeAlone;  // 100000.0 is printed as 1e+05
  if (fraction.ends_with('0')) return false;
  return whole != "0" || !fraction.starts_with("000");
}

bool MembersEqual(const Json::Object& a, const Json::Object& b) {
  if (a.size() != b.size()) return false;
  auto same = [](const Json::Member& x, const Json::Member& y) {
    return x.first == y.first && x.second == y.second;
  };
  if (std::equal(a.begin(), a.end(), b.begin(), same)) return true;
  auto sorted = [](const Json::Object& o) {
    std::vector<const Json::Member*> v;
    v.reserve(o.size());
    for (const auto& m : o) v.push_back(&m);
    std::sort(v.begin(), v.end(), [](auto* x, auto* y) { return x->first < y->first; });
    return v;
  };
  const auto sa = sorted(a), sb = sorted(b);
  return std::equal(sa.begin(), sa.end(), sb.begin(), [&](auto* x, auto* y) { return same(*x, *y); });
}

}  // namespace

Json::Json(uint64_t v) {
  if (v <= static_cast<uint64_t>(INT64_MAX)) {
    value_ = static_cast<int64_t>(v);
  } else {
    value_ = v;
  }
}

Json Json::Float(float v) {
  Json j;
  j.value_ = Float32{v};
  return j;
}

Json Json::Number(std::string_view token) {
  if (IsPlainDecimal(token)) {
    const auto plain = ParseDouble(token);
    TRINE_CHECK(plain.has_value());
    return Json(*plain);
  }
  if (token != "-0") {
    if (const auto whole = ParseInt(token)) return Json(*whole);
    uint64_t large = 0;
    const auto [end, failed] = std::from_chars(token.data(), token.data() + token.size(), large);
    if (failed == std::errc() && end == token.data() + token.size()) return Json(large);
  }
  Json number;
  number.value_ = NumberText{std::string(token)};
  return number;
}

bool Json::is_minus_zero() const {
  const auto* written = std::get_if<NumberText>(&value_);
  return written != nullptr && written->text == "-0";
}

bool Json::is_number() const {
  return is_integer() || std::holds_alternative<double>(value_) ||
         std::holds_alternative<NumberText>(value_) || std::holds_alternative<Float32>(value_);
}

bool Json::is_whole_number() const {
  const auto* written = std::get_if<NumberText>(&value_);
  return is_integer() || (written != nullptr && written->text.find_first_of(".eE") == std::string::npos);
}

std::string_view Json::type_name() const {
  if (is_null()) return "null";
  if (is_bool()) return "boolean";
  if (is_string()) return "string";
  if (is_array()) return "array";
  if (is_object()) return "object";
  return "number";
}

int64_t Json::integer() const {
  if (const auto* u = std::get_if<uint64_t>(&value_)) {
    TRINE_CHECK(*u <= static_cast<uint64_t>(INT64_MAX));
    return static_cast<int64_t>(*u);
  }
  if (is_minus_zero()) return 0;
  return std::get<int64_t>(value_);
}

uint64_t Json::unsigned_integer() const {
  if (const auto* u = std::get_if<uint64_t>(&value_)) return *u;
  TRINE_CHECK_GE(integer(), 0);
  return static_cast<uint64_t>(integer());
}

double Json::number() const {
  if (const auto* i = std::get_if<int64_t>(&value_)) return static_cast<double>(*i);
  if (const auto* u = std::get_if<uint64_t>(&value_)) return static_cast<double>(*u);
  if (const auto* f = std::get_if<Float32>(&value_)) return static_cast<double>(f->value);
  if (const auto* written = std::get_if<NumberText>(&value_)) {
    return ParseDouble(written->text).value_or(HUGE_VAL);
  }
  return std::get<double>(value_);
}

const Json* Json::Find(std::string_view key) const {
  const auto* object = std::get_if<Object>(&value_);
  if (object == nullptr) return nullptr;
  for (const Member& m : *object) {
    if (m.first == key) return &m.second;
  }
  return nullptr;
}

Json* Json::Find(std::string_view key) { return const_cast<Json*>(std::as_const(*this).Find(key)); }

Json& Json::Set(std::string_view key, Json value) {
  if (is_null()) value_ = Object{};
  if (Json* old = Find(key)) {
    *old = std::move(value);
    return *old;
  }
  return object().emplace_back(std::string(key), std::move(value)).second;
}

bool Json::Remove(std::string_view key) {
  auto* object = std::get_if<Object>(&value_);
  if (object == nullptr) return false;
  return std::erase_if(*object, [key](const Member& m) { return m.first == key; }) > 0;
}

const Json* Json::FindPath(std::string_view dotted) const {
  if (const Json* literal = Find(dotted)) return literal;
  // Try every prefix that is a member's name, so that {"a.b": {"c": 1}} has the path "a.b.c" too.
  for (size_t dot = dotted.find('.'); dot != std::string_view::npos; dot = dotted.find('.', dot + 1)) {
    const Json* child = Find(dotted.substr(0, dot));
    if (child == nullptr) continue;
    if (const Json* found = child->FindPath(dotted.substr(dot + 1))) return found;
  }
  return nullptr;
}

Json& Json::Push(Json value) {
  if (is_null()) value_ = Array{};
  return array().emplace_back(std::move(value));
}

bool operator==(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) {
    using Text = Json::NumberText;
    if (std::holds_alternative<Text>(a.value_) || std::holds_alternative<Text>(b.value_)) {
      const auto x = Decimal::Parse(ToString(a)), y = Decimal::Parse(ToString(b));
      return x && y && *x == *y;  // infinities and NaN are not decimals
    }
    const auto* ai = std::get_if<int64_t>(&a.value_);
    const auto* bi = std::get_if<int64_t>(&b.value_);
    const auto* au = std::get_if<uint64_t>(&a.value_);
    const auto* bu = std::get_if<uint64_t>(&b.value_);
    if ((ai != nullptr || au != nullptr) && (bi != nullptr || bu != nullptr)) {
      // A stored unsigned is always above INT64_MAX, so it never equals a signed integer.
      return ai != nullptr ? bi != nullptr && *ai == *bi : bu != nullptr && *au == *bu;
    }
    if (ai != nullptr) return EqualsSigned(b.number(), *ai);
    if (au != nullptr) return EqualsUnsigned(b.number(), *au);
    if (bi != nullptr) return EqualsSigned(a.number(), *bi);
    if (bu != nullptr) return EqualsUnsigned(a.number(), *bu);
    return a.number() == b.number();
  }
  if (a.is_object() && b.is_object()) return MembersEqual(a.object(), b.object());
  if (a.is_array() && b.is_array()) return a.array() == b.array();
  if (a.is_string() && b.is_string()) return a.string() == b.string();
  if (a.is_bool() && b.is_bool()) return a.boolean() == b.boolean();
  return a.is_null() && b.is_null();
}

}  // namespace trine::format
