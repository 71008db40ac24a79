#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "format/json.h"
#include "format/text.h"

namespace trine::format {
namespace {

void AppendQuoted(std::string_view utf8, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  size_t plain = 0;  // start of the bytes not yet copied
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

// How a number is written that JSON has no notation for.
std::string_view NotFinite(double v) {
  if (std::isnan(v)) return "null";
  return v > 0 ? "\"Infinity\"" : "\"-Infinity\"";
}

// Appends a finite number, with ".0" if it would otherwise read back as an integer.
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

// Appends `text` as a JSON string; invalid UTF-8 becomes U+FFFD.
void AppendString(std::string_view text, std::string* out) {
  if (IsValidUtf8(text)) return AppendQuoted(text, out);
  std::string valid;
  AppendSanitizedUtf8(text, &valid);
  AppendQuoted(valid, out);
}

}  // namespace

void JsonWriter::NewLine() {
  if (!options_.pretty) return;
  *out_ += '\n';
  out_->append(static_cast<size_t>(depth_) * 2, ' ');
}

// Writes the comma and line break before a key or an array element.
void JsonWriter::WriteSeparator() {
  if (depth_ == 0) return;
  if (!first_) *out_ += ',';
  NewLine();
  first_ = false;
}

void JsonWriter::BeginValue() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
#ifdef TRINE_ENABLE_DCHECKS
  TRINE_DCHECK(open_.empty() || open_.back() == '[');  // inside an object a value needs a key
#endif
  WriteSeparator();
}

void JsonWriter::BeginContainer(char open) {
  BeginValue();
  *out_ += open;
  ++depth_;
  first_ = true;
#ifdef TRINE_ENABLE_DCHECKS
  open_ += open;
#endif
}

JsonWriter& JsonWriter::EndContainer(char close) {
  TRINE_DCHECK_GT(depth_, 0);
  TRINE_DCHECK(!after_key_);
#ifdef TRINE_ENABLE_DCHECKS
  TRINE_DCHECK_EQ(open_.back(), close == '}' ? '{' : '[');
  open_.pop_back();
#endif
  --depth_;
  if (!first_) {
    NewLine();
  } else if (options_.pretty) {
    *out_ += ' ';
  }
  *out_ += close;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::BeginObject() {
  BeginContainer('{');
  return *this;
}
JsonWriter& JsonWriter::EndObject() { return EndContainer('}'); }
JsonWriter& JsonWriter::BeginArray() {
  BeginContainer('[');
  return *this;
}
JsonWriter& JsonWriter::EndArray() { return EndContainer(']'); }

JsonWriter& JsonWriter::Key(std::string_view key) {
  TRINE_DCHECK(!after_key_);
#ifdef TRINE_ENABLE_DCHECKS
  TRINE_DCHECK(!open_.empty() && open_.back() == '{');
#endif
  WriteSeparator();
  AppendString(key, out_);
  *out_ += options_.pretty ? " : " : ":";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view utf8) {
  BeginValue();
  AppendString(utf8, out_);
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t v) {
  BeginValue();
  char buffer[24];
  out_->append(buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr);
  return *this;
}

JsonWriter& JsonWriter::Uint(uint64_t v) {
  BeginValue();
  char buffer[24];
  out_->append(buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr);
  return *this;
}

JsonWriter& JsonWriter::Double(double v) {
  if (!std::isfinite(v)) return Raw(NotFinite(v));
  BeginValue();
  AppendReal(v, options_.numbers, out_);
  return *this;
}

JsonWriter& JsonWriter::Float(float v) {
  if (!std::isfinite(v)) return Raw(NotFinite(static_cast<double>(v)));
  BeginValue();
  AppendReal(v, options_.numbers, out_);
  return *this;
}

JsonWriter& JsonWriter::Bool(bool v) {
  BeginValue();
  *out_ += v ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::Null() {
  BeginValue();
  *out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::Raw(std::string_view json) {
  BeginValue();
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
  if (const auto* written = std::get_if<Json::NumberText>(&v.value_)) return Raw(written->text);
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
