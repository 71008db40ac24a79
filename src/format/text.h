// Small text formats: numbers, money, dates and times, base64, percent encoding, lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace trine::format {

// Parse all of `text` as a decimal number; nullopt for anything else (spaces, a sign alone, overflow).
std::optional<int64_t> ParseInt(std::string_view text);
std::optional<double> ParseDouble(std::string_view text);
// Parses an amount of money as shops write it: "12,900원", "12.900원" (won have no cents), "$12.90", "5만원"
// (50000). nullopt unless all of `text` is such an amount; decimal commas ("1.290,50 €") are rejected.
std::optional<double> ParseMoney(std::string_view text);

// Return the shortest decimal that reads back as the same value. JavaFloat and JavaDouble format it like
// Float.toString and Double.toString.
std::string ShortestFloat(float v);
std::string ShortestDouble(double v);
std::string JavaFloat(float v);  // "1.0", "5.0E-4" (below 1e-3), "9.5E9" (from 1e7), "Infinity", "NaN"
std::string JavaDouble(double v);

// Groups digits by three: "12,900". Requires decimal digits only.
std::string WithCommas(std::string digits);

// Parses a time: ISO 8601 ("2026-11-22", "2026-11-22T10:00:00.5+09:00", "2026-11-22 10:00"), the same with
// '.' or '/' as separator ("2026.11.22 13:05"), and Korean dates ("2026년 11월 22일 오후 1:05"). If `epoch`
// is kNone, 8, 12 or 14 digits are a compact date ("202611221305"); otherwise a number is the
// seconds or milliseconds since the epoch. A time without a zone is assumed to be `offset_minutes` ahead of
// UTC (KST is 540).
enum class Epoch { kNone, kSeconds, kMillis, kGuess };  // kGuess: milliseconds if over 1e11, else seconds
std::optional<Millis> ParseTime(std::string_view text, int offset_minutes = 0, Epoch epoch = Epoch::kNone);
// Formats as "2026-11-22T01:02:03.004Z".
std::string FormatTime(Millis time);

// The one function through which text from catalogues, users and clients passes before it is shown: in
// answers and reasons, on a terminal, in a log. Removes C0 and C1 control characters, DEL, bidirectional
// formatting, and characters without a form that could hide text (U+200B, U+2060 to U+2064, U+206A to U+206F,
// U+FEFF, U+180E, U+FFF9 to U+FFFB and the tags from U+E0000). Tabs and line, paragraph and page breaks
// become spaces; with `keep_newlines`, newlines are kept. Invalid UTF-8 becomes U+FFFD. Everything else is
// kept, including emoji joiners.
std::string Printable(std::string_view text, bool keep_newlines = false);

// Base64 (RFC 4648, section 4, with padding). Decoding is strict: nullopt for anything that Base64() cannot
// produce.
std::string Base64(std::string_view bytes);
std::optional<std::string> UnBase64(std::string_view text);
// Decodes percent escapes; nullopt if one is malformed. With `form`, '+' becomes a space (HTML forms).
std::optional<std::string> PercentDecode(std::string_view text, bool form = false);
// Escapes everything except unreserved characters (RFC 3986) and, with `keep_slash`, '/'.
std::string PercentEncode(std::string_view text, bool keep_slash = false);

// Removes the next line from the front of `text` and returns it without its LF or CRLF; nullopt if `text` is
// empty. Sets `ended` to true if the line ended with a newline, else to false.
std::optional<std::string_view> NextLine(std::string_view* text, bool* ended = nullptr);

}  // namespace trine::format
