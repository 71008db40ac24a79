#include "cli/import_options.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/nearest_name.h"
#include "base/text.h"
#include "format/text.h"

namespace trine::cli {
namespace {

// The limits of POST /_trine/events (api/native).
constexpr int64_t kLatestMillis = 4'000'000'000'000;  // the year 2096
constexpr size_t kMaxImpressions = 100, kMaxAttributes = 50, kMaxTypeBytes = 256,
                 kMaxRecommendationIdBytes = 64;

Result<std::pair<std::string, std::string>> SplitPair(const std::string& text, const char* option,
                                                      const char* form = "OURS=THEIRS") {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos)
    return Error(ErrorCode::kUsage, "invalid value of " + std::string(option) + ": expected " + form)
        .Got(text);
  return std::make_pair(text.substr(0, equals), text.substr(equals + 1));
}

// Refuses a column that --map or --set names twice: only one of the values could count.
Status CheckTargets(const operations::ImportOptions& options) {
  std::vector<std::string_view> seen;
  const auto add = [&seen](const std::string& column) -> Status {
    if (std::find(seen.begin(), seen.end(), column) != seen.end())
      return Error(ErrorCode::kUsage, "options --map and --set name column '" + column + "' more than once");
    seen.push_back(column);
    return Ok();
  };
  for (const auto& [ours, theirs] : options.columns) {
    if (theirs.empty())
      return Error(ErrorCode::kUsage, "invalid value of --map: expected OURS=THEIRS").Got(ours + "=");
    TRINE_TRY(add(ours));
  }
  for (const auto& [ours, text] : options.constants) TRINE_TRY(add(ours));
  return Ok();
}

// "STATUS=paid", "주문상태!=취소*|반품*"
Result<operations::RowCondition> ReadCondition(const std::string& text) {
  const size_t equals = text.find('=');
  operations::RowCondition condition;
  if (equals != std::string::npos) {
    condition.negated = equals > 0 && text[equals - 1] == '!';
    condition.column = Trim(text.substr(0, equals - (condition.negated ? 1 : 0)));
  }
  if (condition.column.empty())
    return Error(ErrorCode::kUsage, "invalid value of --where: expected COLUMN=VALUE or COLUMN!=VALUE")
        .Got(text);
  std::string_view rest = std::string_view(text).substr(equals + 1);
  for (;;) {
    const size_t bar = std::min(rest.find('|'), rest.size());
    condition.values.emplace_back(Trim(rest.substr(0, bar)));
    if (bar == rest.size()) return condition;
    rest.remove_prefix(bar + 1);
  }
}

}  // namespace

Result<int> ParseTimeZone(const std::string& zone) {
  if (zone.empty() || zone == "UTC" || zone == "Z") return 0;
  if (zone == "KST" || zone == "Asia/Seoul") return 540;
  int hours = 0, minutes = 0;
  char sign = 0;
  int read = 0;
  // Needed because sscanf alone would also accept blanks and a second sign before the digits.
  const bool plain = zone.find_first_not_of("0123456789:", 1) == std::string::npos;
  if (plain && std::sscanf(zone.c_str(), "%c%2d:%2d%n", &sign, &hours, &minutes, &read) == 3 &&
      zone.size() == static_cast<size_t>(read) && (sign == '+' || sign == '-') && hours >= 0 && hours <= 14 &&
      minutes >= 0 && minutes < 60) {
    return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
  }
  return Error(ErrorCode::kUsage,
               "invalid value of --time-zone: expected KST, UTC or an offset such as +09:00")
      .Got(zone);
}

Result<operations::ImportOptions> ToImportOptions(const ImportArguments& arguments) {
  operations::ImportOptions options;
  using Type = operations::ImportOptions::Type;
  if (arguments.type == "interactions")
    options.type = Type::kInteractions;
  else if (arguments.type == "users")
    options.type = Type::kUsers;
  else if (arguments.type == "items")
    options.type = Type::kItems;
  else
    options.type = Type::kDocuments;
  for (const std::string& text : arguments.map) {
    TRINE_ASSIGN(auto pair, SplitPair(text, "--map"));
    options.columns.push_back(std::move(pair));
  }
  for (const std::string& text : arguments.constants) {
    TRINE_ASSIGN(auto pair, SplitPair(text, "--set"));
    options.constants.push_back(std::move(pair));
  }
  TRINE_TRY(CheckTargets(options));
  for (const std::string& text : arguments.where) {
    TRINE_ASSIGN(auto condition, ReadCondition(text));
    options.where.push_back(std::move(condition));
  }
  options.encoding = arguments.encoding;
  TRINE_ASSIGN(options.offset_minutes, ParseTimeZone(arguments.time_zone));
  return options;
}

Result<catalogue::RoleDeclarations> ReadRoleArguments(const ImportArguments& arguments,
                                                      const std::vector<std::string>& columns) {
  catalogue::RoleDeclarations declared;
  for (const std::string& text : arguments.roles) {
    TRINE_ASSIGN(auto pair, SplitPair(text, "--role", "NAME=COLUMN"));
    const auto role = catalogue::RoleNamed(pair.first);
    if (!role)
      return Error(ErrorCode::kUsage, "unknown role '" + pair.first + "' of --role" +
                                          NearestNameHint(pair.first, catalogue::RoleNames()));
    const bool known = std::find(columns.begin(), columns.end(), pair.second) != columns.end();
    if (!known)
      return Error(ErrorCode::kUsage, "the file has no column '" + pair.second + "' of --role" +
                                          NearestNameHint(pair.second, columns));
    std::string field = pair.second;
    for (const std::string& map : arguments.map) {
      TRINE_ASSIGN(auto mapped, SplitPair(map, "--map"));
      if (mapped.second == pair.second) field = mapped.first;
    }
    if (field == "_id")
      return Error(ErrorCode::kUsage, "column '" + pair.second +
                                          "' of --role becomes the document's id and is "
                                          "not stored as a field");
    declared.roles.emplace_back(*role, std::move(field));
  }
  return declared;
}

Status CheckEvent(const history::Event& event) {
  const auto rejected = [](std::string message) { return Error(ErrorCode::kBadRow, std::move(message)); };
  if (event.type.empty())
    return rejected(
        "EVENT_TYPE is empty; map a column to it, or set it in every row: --set EVENT_TYPE=Purchase");
  if (event.type.size() > kMaxTypeBytes)
    return rejected("EVENT_TYPE is too long").Expected("at most 256 bytes");
  if (event.event_id.size() > kMaxTypeBytes)
    return rejected("EVENT_ID is too long").Expected("at most 256 bytes");
  if (event.recommendation_id.size() > kMaxRecommendationIdBytes)
    return rejected("RECOMMENDATION_ID is too long").Expected("at most 64 bytes");
  if (event.time.value < 0 || event.time.value > kLatestMillis)
    return rejected("TIMESTAMP is out of range")
        .Expected("a time from 1970 to 2096")
        .Got(format::FormatTime(event.time));
  if (event.value && std::abs(*event.value) > 1e15)
    return rejected("EVENT_VALUE is out of range").Expected("-1e15 to 1e15");
  if (event.impression.size() > kMaxImpressions)
    return rejected("IMPRESSION has too many items").Expected("at most 100");
  if (event.attributes.size() > kMaxAttributes)
    return rejected("the row has too many attributes").Expected("at most 50");
  return Ok();
}

}  // namespace trine::cli
