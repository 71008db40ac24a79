#include <cassert>
#include <charconv>
#include <cmath>

#include "format/json.h"
#include "format/text.h"
#include "format/utf8.h"

namespace trine::format {
namespace {

void AppendQuoted(std::string_view utf8, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  size_t plain = 0;  // start of the run not yet copied
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out->append(utf8.substr(plain, i - plain));
    plain = i + 1;
    *out += '\\';
    switch (c) {
      case '"':
      case '\\':
        *out += static_cast<char>(c);
        break;
      case '\n':
        *out += 'n';
        break;
      case '\r':
        *out += 'r';
        break;
      case '\t':
        *out += 't';
        break;
      case '\b':
        *out += 'b';
        break;
      case '\f':
        *out += 'f';
        break;
      default:
        *out += "u00";
        *out += kHex[c >> 4];
        *out += kHex[c & 15];
    }
  }
  out->append(utf8.substr(plain));
  *out += '"';
}

// The token of a finite number, with a ".0" when it would otherwise read back as an integer.
template <typename T>
void AppendReal(T v, NumberStyle style, std::string* out) {
  if (style == NumberStyle::kJava) {
    if constexpr (std::is_same_v<T, float>) {
      *out += JavaFloat(v);
    } else {
      *out += JavaDouble(v);
    }
    return;
  }
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  const std::string_view token(buffer, static_cast<size_t>(end - buffer));
  *out += token;
  if (token.find_first_of(".e") == std::string_view::npos) *out += ".0";
}

}  // namespace

void JsonWriter::NewLine() {
  if (!options_.pretty) return;
  *out_ += '\n';
  out_->append(static_cast<size_t>(depth_) * 2, ' ');
}

// Comma and line break due before a value or a key.
void JsonWriter::Before() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (!first_) *out_ += ',';
  NewLine();
  first_ = false;
}

JsonWriter& JsonWriter::BeginObject() {
  Before();
  *out_ += '{';
  ++depth_;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  assert(depth_ > 0 && !after_key_);
  --depth_;
  if (!first_) {
    NewLine();
  } else if (options_.pretty) {
    *out_ += ' ';
  }
  *out_ += '}';
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  Before();
  *out_ += '[';
  ++depth_;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  assert(depth_ > 0 && !after_key_);
  --depth_;
  if (!first_) {
    NewLine();
  } else if (options_.pretty) {
    *out_ += ' ';
  }
  *out_ += ']';
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view key) {
  assert(depth_ > 0 && !after_key_);
  String(key);
  *out_ += options_.pretty ? " : " : ":";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view utf8) {
  Before();
  if (IsUtf8(utf8)) {
    AppendQuoted(utf8, out_);
  } else {
    std::string clean;
    AppendSanitizedUtf8(utf8, &clean);
    AppendQuoted(clean, out_);
  }
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t v) {
  Before();
  char buffer[24];
  out_->append(buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr);
  return *this;
}

JsonWriter& JsonWriter::Uint(uint64_t v) {
  Before();
  char buffer[24];
  out_->append(buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr);
  return *this;
}

JsonWriter& JsonWriter::Double(double v) {
  if (std::isnan(v)) return Null();
  if (std::isinf(v)) return String(v > 0 ? "Infinity" : "-Infinity");
  Before();
  AppendReal(v, options_.numbers, out_);
  return *this;
}

JsonWriter& JsonWriter::Float(float v) {
  if (std::isnan(v)) return Null();
  if (std::isinf(v)) return String(v > 0 ? "Infinity" : "-Infinity");
  Before();
  AppendReal(v, options_.numbers, out_);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool v) {
  Before();
  *out_ += v ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::Null() {
  Before();
  *out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  Before();
  *out_ += json;
  return *this;
}

JsonWriter& JsonWriter::Value(const Json& v) {
  if (v.is_object()) {
    BeginObject();
    for (const auto& [key, value] : v.object()) Key(key).Value(value);
    return EndObject();
  }
  if (v.is_array()) {
    BeginArray();
    for (const Json& item : v.array()) Value(item);
    return EndArray();
  }
  if (v.is_string()) return String(v.string());
  if (v.is_bool()) return Bool(v.boolean());
  if (v.is_int()) return Int(v.integer());
  if (const auto* u = std::get_if<uint64_t>(&v.value_)) return Uint(*u);
  if (const auto* f = std::get_if<Json::Float32>(&v.value_)) return Float(f->value);
  if (v.is_number()) return Double(v.number());
  return Null();
}

std::string ToString(const Json& value, WriteOptions options) {
  std::string out;
  JsonWriter(&out, options).Value(value);
  return out;
}

}  // namespace trine::format
