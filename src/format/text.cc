// Base64, percent encoding, lines and printable text.
#include "format/text.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"
#include "base/utf8.h"

namespace trine::format {
namespace {

constexpr size_t kMaxBase64Bytes = 1u << 30;  // OpenSSL takes lengths as int; no request body is this large

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string Base64(std::string_view bytes) {
  TRINE_CHECK_LE(bytes.size(), kMaxBase64Bytes);
  std::string out((bytes.size() + 2) / 3 * 4, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  return out;
}

std::optional<std::string> UnBase64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > kMaxBase64Bytes) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  TRINE_CHECK_LE(static_cast<size_t>(size), out.size());
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<size_t>(size) - std::min<size_t>(padding, static_cast<size_t>(size)));
  // OpenSSL also accepts surrounding blanks, and unused bits that are not zero.
  if (Base64(out) != text) return std::nullopt;
  return out;
}

std::optional<std::string> PercentDecode(std::string_view text, bool form) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && form) {
      out += ' ';
    } else if (text[i] == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = HexValue(text[i + 1]), low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string PercentEncode(std::string_view text, bool keep_slash) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c) || (keep_slash && c == '/')) {
      out += c;
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::optional<std::string_view> NextLine(std::string_view* text, bool* ended) {
  if (text->empty()) return std::nullopt;
  const size_t newline = text->find('\n');
  const bool found = newline != std::string_view::npos;
  if (ended != nullptr) *ended = found;
  std::string_view line = text->substr(0, newline);
  text->remove_prefix(found ? newline + 1 : text->size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

namespace {

enum class Shown { kAsIs, kSpace, kNothing };

Shown ShownAs(char32_t c) {
  if (c == 0x85 || c == 0x2028 || c == 0x2029 || (c >= '\t' && c <= '\r')) return Shown::kSpace;
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return Shown::kNothing;
  const bool bidirectional = c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
                             (c >= 0x2066 && c <= 0x2069);
  const bool formless = c == 0x180e || c == 0x200b || (c >= 0x2060 && c <= 0x2065) ||
                        (c >= 0x206a && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
                        (c >= 0xe0000 && c <= 0xe007f);
  return bidirectional || formless ? Shown::kNothing : Shown::kAsIs;
}

}  // namespace

std::string Printable(std::string_view text, bool keep_newlines) {
  std::string clean, out;
  AppendSanitizedUtf8(text, &clean);
  out.reserve(clean.size());
  for (size_t i = 0; i < clean.size();) {
    const size_t at = i;
    const char32_t c = DecodeUtf8(clean, &i);
    const Shown shown = c == '\n' && keep_newlines ? Shown::kAsIs : ShownAs(c);
    if (shown == Shown::kAsIs) out.append(clean, at, i - at);
    if (shown == Shown::kSpace) out += ' ';
  }
  return out;
}

}  // namespace trine::format
