#include "remote/llm/provider_error.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/civil_date.h"
#include "format/text.h"
#include "remote/llm/loose_json.h"

namespace trine::remote::llm {
namespace {

using format::Json;

constexpr size_t kMaxReadBytes = 16u << 10;  // the rest of an error text is ignored
constexpr size_t kSecretPiece = 8;           // shorter pieces of a key are found in ordinary words, too
constexpr int64_t kMaxRetryMillis = 24LL * 3600 * 1000;
constexpr std::string_view kRedacted = "[redacted]";

std::string Join(std::string_view type, std::string_view message) {
  if (type.empty() || message.empty()) return std::string(type.empty() ? message : type);
  return std::string(type) + ": " + std::string(message);
}

// The first of the members that is a text, or an empty string.
std::string_view FirstText(const Json& object, std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    if (const std::string* text = FindText(&object, name)) return *text;
  }
  return {};
}

// FastAPI's "detail": a text, or a list of {"loc": ["body", "stream_options"], "msg": "..."}.
std::string DetailText(const Json& detail) {
  if (detail.is_string()) return detail.string();
  std::string out;
  if (!detail.is_array()) return out;
  for (const Json& entry : detail.array()) {
    if (!out.empty()) out += "; ";
    if (const Json* place = FindArray(&entry, "loc"); place != nullptr && !place->array().empty()) {
      const Json& last = place->array().back();
      if (last.is_string()) out += last.string() + ": ";
    }
    if (const std::string* message = FindText(&entry, "msg")) out += *message;
    if (out.size() > kMaxReadBytes) break;
  }
  return out;
}

// Parses "Sun, 06 Nov 1994 08:49:37 GMT", the form in which HTTP dates are sent.
std::optional<Millis> ParseHttpDate(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (text.size() != 29 || text.substr(25) != " GMT" || text[7] != ' ' || text[11] != ' ' ||
      text[16] != ' ' || text[19] != ':' || text[22] != ':')
    return std::nullopt;
  const auto month = std::ranges::find(kMonths, text.substr(8, 3));
  const auto number = [&](size_t at, size_t digits) { return format::ParseInt(text.substr(at, digits)); };
  const auto day = number(5, 2), year = number(12, 4), hour = number(17, 2), minute = number(20, 2),
             second = number(23, 2);
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
  const int64_t days = format::DaysFromCivil(*year, month - kMonths.begin() + 1, *day);
  return Millis{((days * 24 + *hour) * 60 + *minute) * 60'000 + *second * 1000};
}

}  // namespace

std::string ErrorText(const Json& body) {
  const Json* error = body.Find("error");
  if (error != nullptr && error->is_string()) return error->string();
  if (error == nullptr || !error->is_object()) error = &body;
  std::string_view type = FirstText(*error, {"code", "type", "__type"});
  // "error" is the type of every error at Anthropic and older vLLM.
  if (type == "error") type = {};
  std::string_view message = FirstText(*error, {"message", "Message", "msg"});
  if (const std::string* param = FindText(error, "param"); param != nullptr && message.empty())
    message = *param;
  std::string text = Join(type, message);
  if (const Json* detail = body.Find("detail"); detail != nullptr && text.empty()) text = DetailText(*detail);
  return text;
}

std::string ErrorText(const net::ClientResponse& response) {
  const std::string_view body = std::string_view(response.body).substr(0, kMaxReadBytes);
  std::string type(response.headers.Get("x-amzn-errortype"));
  type = type.substr(0, type.find(':'));
  if (const auto parsed = ParseLooseJson(body, "the error"); parsed.ok()) {
    const std::string text = ErrorText(parsed->json);
    return type.empty() || text.starts_with(type) ? text : Join(type, text);
  }
  const std::string content_type = ToLowerAscii(response.headers.Get("content-type"));
  const bool plain = content_type.empty() || content_type.starts_with("text/plain") ||
                     content_type.find("json") != std::string::npos;
  return Join(type, plain ? Trim(body) : std::string_view());
}

Error StreamError(const std::string& text) {
  const std::string lower = ToLowerAscii(std::string_view(text).substr(0, kMaxReadBytes));
  const auto names = [&](std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view w) { return lower.find(w) != std::string::npos; });
  };
  ErrorCode code = ErrorCode::kUnavailable;
  if (names({"overloaded", "rate_limit", "rate limit", "throttl"}))
    code = ErrorCode::kBusy;
  else if (names({"invalid_request", "validation"}))
    code = ErrorCode::kInvalid;
  return Error(code, "the language model provider reported an error in its answer" +
                         (text.empty() ? std::string() : ": " + text));
}

std::optional<int64_t> RetryAfterMillis(const net::Headers& headers, Millis now) {
  if (const auto millis = format::ParseDouble(Trim(headers.Get("retry-after-ms"))); millis && *millis >= 0)
    return static_cast<int64_t>(std::min(*millis, static_cast<double>(kMaxRetryMillis)));
  const std::string_view text = Trim(headers.Get("retry-after"));
  if (const auto seconds = format::ParseDouble(text); seconds && *seconds >= 0)
    return static_cast<int64_t>(std::min(*seconds * 1000, static_cast<double>(kMaxRetryMillis)));
  if (const auto date = ParseHttpDate(text))
    return std::clamp<int64_t>(date->value - now.value, 0, kMaxRetryMillis);
  return std::nullopt;
}

Redactor::Redactor(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {
  std::erase_if(secrets_, [](const std::string& secret) { return secret.empty(); });
}

std::string Redactor::Clean(std::string_view text) const {
  const std::string line = format::Printable(text.substr(0, kMaxReadBytes));
  std::string out;
  for (size_t at = 0; at < line.size();) {
    const std::string_view rest = std::string_view(line).substr(at);
    size_t secret_bytes = 0;
    for (const std::string& secret : secrets_) {
      size_t n = std::min(kSecretPiece, secret.size());
      if (n > rest.size() || secret.find(rest.substr(0, n)) == std::string::npos) continue;
      while (n < rest.size() && secret.find(rest.substr(0, n + 1)) != std::string::npos) ++n;
      secret_bytes = std::max(secret_bytes, n);
    }
    if (secret_bytes > 0) {
      out += kRedacted;
      at += secret_bytes;
    } else {
      // Several blanks, also those that line breaks became, are one.
      if (line[at] != ' ' || (!out.empty() && out.back() != ' ')) out += line[at];
      ++at;
    }
    if (out.size() > 4 * kMaxBytes) break;
  }
  out = std::string(Trim(out));
  TRINE_DCHECK(out.find('\n') == std::string::npos);
  if (out.size() <= kMaxBytes) return out;
  return std::string(CutUtf8(out, kMaxBytes)) + "...";
}

}  // namespace trine::remote::llm
