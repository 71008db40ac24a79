#include "net/http.h"

#include <algorithm>

#include "base/text.h"
#include "format/text.h"

namespace trine::net {
namespace {

Error BrokenEscape(std::string_view what, std::string_view got) {
  return Error(ErrorCode::kInvalid, "the " + std::string(what) + " of the URL has an invalid percent escape")
      .Expected("% and two hexadecimal digits")
      .Got(std::string(got.substr(0, 64)));
}

// Calls `take` for each part between separators, and stops at the first error.
template <typename Take>
Status ForEachPart(std::string_view text, char separator, Take take) {
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    TRINE_TRY(take(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return Ok();
}

}  // namespace

void Headers::Set(std::string_view name, std::string value) {
  Remove(name);
  Add(std::string(name), std::move(value));
}

void Headers::Remove(std::string_view name) {
  std::erase_if(fields_, [&](const auto& field) { return EqualsIgnoreCase(field.first, name); });
}

const std::string* Headers::Find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (EqualsIgnoreCase(key, name)) return &value;
  }
  return nullptr;
}

std::string_view Headers::Get(std::string_view name) const {
  const std::string* value = Find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

Result<std::vector<std::string>> Request::PathSegments() const {
  std::vector<std::string> parts;
  std::string_view rest = path;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty()) return parts;
  TRINE_TRY(ForEachPart(rest, '/', [&](std::string_view piece) -> Status {
    std::optional<std::string> decoded = format::PercentDecode(piece);
    if (!decoded) return BrokenEscape("path", piece);
    if (decoded->find('\0') != std::string::npos) {
      return Error(ErrorCode::kInvalid, "the path of the URL contains a NUL character");
    }
    parts.push_back(std::move(*decoded));
    return Ok();
  }));
  return parts;
}

Result<std::vector<std::pair<std::string, std::string>>> Request::QueryParameters() const {
  std::vector<std::pair<std::string, std::string>> parameters;
  TRINE_TRY(ForEachPart(query, '&', [&](std::string_view piece) -> Status {
    if (piece.empty()) return Ok();
    const size_t equals = std::min(piece.find('='), piece.size());
    std::optional<std::string> name = format::PercentDecode(piece.substr(0, equals), true);
    std::optional<std::string> value =
        format::PercentDecode(equals < piece.size() ? piece.substr(equals + 1) : std::string_view(), true);
    if (!name || !value) return BrokenEscape("query", piece);
    parameters.emplace_back(std::move(*name), std::move(*value));
    return Ok();
  }));
  return parameters;
}

Response Response::JsonText(int status, std::string json, std::string content_type) {
  Response response;
  response.status = status;
  response.headers.Add("Content-Type", std::move(content_type));
  response.body = std::move(json);
  return response;
}

}  // namespace trine::net
