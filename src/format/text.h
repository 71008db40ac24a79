// Small text formats: numbers, money, dates and times, NDJSON lines, UTF-8 checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace trine::format {

// Whole-string parsers; nullopt on anything else (spaces, sign alone, overflow).
std::optional<int64_t> ParseInt(std::string_view text);
std::optional<double> ParseDouble(std::string_view text);
// Numbers as shops write them: "12,900원", "₩12,900", "$12.90", "1.290,50 €" is refused, "5만원" is
// 50000, "1만 2천원" is 12000. nullopt when no number is the whole of it.
std::optional<double> ParseMoney(std::string_view text);

// Shortest decimals that give the value back. kJava style prints as Java's toString.
std::string ShortestFloat(float v);
std::string ShortestDouble(double v);
std::string JavaFloat(float v);  // 1.0, 5.0E-4 (below 1e-3), 9.549512E9 (from 1e7), Infinity, NaN
std::string JavaDouble(double v);

// Parses a time: ISO 8601 ("2026-11-22", "2026-11-22T10:00:00.5+09:00", "2026-11-22 10:00"), the same
// with '.' or '/' between ("2026.11.22 13:05"), epoch milliseconds or seconds when `epoch` says so.
// A text without a zone is read at `offset_minutes` from UTC (KST = 540).
enum class Epoch { kNone, kSeconds, kMillis, kGuess };  // kGuess: above 1e11 is milliseconds
std::optional<Millis> ParseTime(std::string_view text, int offset_minutes = 0, Epoch epoch = Epoch::kNone);
// "2026-11-22T01:02:03.004Z".
std::string FormatTime(Millis time);

// The length of the valid UTF-8 prefix; text.size() when all of it is valid.
size_t ValidUtf8Prefix(std::string_view text);
inline bool IsUtf8(std::string_view text) { return ValidUtf8Prefix(text) == text.size(); }

// `text` as a terminal or a log may show it: without C0 and C1 controls, DEL, and the marks that turn the
// direction of writing; what breaks or advances a line is a space, except that newlines stay when
// `keep_newlines`. A broken byte is U+FFFD. Everything else, emoji joiners too, stays as it is.
std::string Printable(std::string_view text, bool keep_newlines = false);

// base64 (RFC 4648, padded) and percent encoding of path parts.
std::string Base64(std::string_view bytes);
std::optional<std::string> UnBase64(std::string_view text);
// nullopt on a broken escape. '+' stays '+' unless `form`, then it is a space.
std::optional<std::string> PercentDecode(std::string_view text, bool form = false);
// Keeps unreserved characters (RFC 3986), and '/' when told to.
std::string PercentEncode(std::string_view text, bool keep_slash = false);

// Cuts the next line (LF or CRLF) off the front of `text`; nullopt when `text` is empty. `ended`
// tells whether the line had its newline.
std::optional<std::string_view> NextLine(std::string_view* text, bool* ended = nullptr);

}  // namespace trine::format
