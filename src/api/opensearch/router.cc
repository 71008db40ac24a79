#include "api/opensearch/router.h"
#include "base/check.h"

#include <algorithm>
#include <array>
#include <set>

namespace trine::api::opensearch {
namespace {

using net::RequestClass;

// Calls `take` for each non-empty piece of `text` between separators; stops if `take` returns false.
template <typename Take>
void ForEachPiece(std::string_view text, char separator, Take take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (end > 0 && !take(text.substr(0, end))) return;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool HasPiece(std::string_view text, char separator, std::string_view wanted) {
  bool found = false;
  ForEachPiece(text, separator, [&](std::string_view piece) { return found = piece == wanted, !found; });
  return found;
}

// Whether a segment can be an index name or a list of them; endpoint names begin with '_'.
bool IsIndexExpression(std::string_view part) {
  return !part.empty() && (part.front() != '_' || part == "_all" || part.substr(0, 5) == "_all,");
}

// Whether the path matches the pattern; fills the variables. `rank` receives '1' for each literal segment and
// '0' for each variable, so that patterns with earlier literals have greater ranks.
bool MatchesPattern(std::string_view pattern, const std::vector<std::string>& parts, Call::Pairs* variables,
                    std::string* rank) {
  TRINE_DCHECK_EQ(pattern.front(), '/');
  size_t at = 0;
  bool fits = true;
  ForEachPiece(pattern, '/', [&](std::string_view piece) {
    if (at >= parts.size()) return fits = false;
    const std::string& part = parts[at++];
    const bool variable = piece.front() == '{';
    if (!variable) {
      rank->push_back('1');
      return fits = piece == part;
    }
    TRINE_DCHECK_EQ(piece.back(), '}');
    const std::string_view name = piece.substr(1, piece.size() - 2);
    if (part.empty() || (name == "index" && !IsIndexExpression(part))) return fits = false;
    rank->push_back('0');
    variables->emplace_back(std::string(name), part);
    return true;
  });
  return fits && at == parts.size();
}

constexpr std::array kCommon = {"pretty",        "human",  "error_trace",         "filter_path",
                                "source",        "format", "source_content_type", "cluster_manager_timeout",
                                "master_timeout"};

}  // namespace

bool KnowsParameter(const Route& route, std::string_view name) {
  for (const char* common : kCommon) {
    if (name == common) return true;
  }
  bool known = false;
  ForEachPiece(route.parameters, ' ', [&](std::string_view piece) {
    known = piece == name || (piece.back() == '*' && name.size() >= piece.size() &&
                              name.substr(0, piece.size() - 1) == piece.substr(0, piece.size() - 1));
    return !known;
  });
  return known;
}

RouteMatch FindRoute(std::string_view method, const std::vector<std::string>& parts) {
  RouteMatch best;
  std::string best_rank;
  std::set<std::string_view> allowed;
  for (const Route& route : Routes()) {
    Call::Pairs variables;
    std::string rank;
    if (!MatchesPattern(route.pattern, parts, &variables, &rank)) continue;
    ForEachPiece(route.methods, '|', [&](std::string_view one) { return allowed.insert(one), true; });
    if (!HasPiece(route.methods, '|', method)) continue;
    if (best.route != nullptr && rank <= best_rank) continue;
    best.route = &route;
    best.variables = std::move(variables);
    best_rank = std::move(rank);
  }
  if (best.route == nullptr) {
    for (const std::string_view one : allowed) {
      if (!best.allowed.empty()) best.allowed += ", ";
      best.allowed += one;
    }
  }
  return best;
}

}  // namespace trine::api::opensearch
