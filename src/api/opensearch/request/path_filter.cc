#include "api/opensearch/request/path_filter.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/request/body_reader.h"
#include "base/check.h"
#include "catalogue/name_pattern.h"

namespace trine::api::opensearch {
namespace {

using format::Json;

constexpr size_t kMaxPatterns = 1000;  // bounds the work of the matcher; real filters have few

bool MatchesAny(const std::vector<std::string>& patterns, std::string_view path) {
  for (const std::string& pattern : patterns) {
    if (catalogue::MatchesPattern(pattern, path)) return true;
  }
  return false;
}

// Whether a pattern matches `path` or one of the paths that end at a dot inside its last key, which starts at
// `key_start`. The key "internal.cost" is thus a member of the object "internal", however it is written.
bool MatchesKey(const std::vector<std::string>& patterns, std::string_view path, size_t key_start) {
  if (patterns.empty()) return false;
  for (size_t dot = path.find('.', key_start); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    if (MatchesAny(patterns, path.substr(0, dot))) return true;
  }
  return MatchesAny(patterns, path);
}

// Copies the kept members of an object at the path `prefix`. `included`: a pattern matched the object or an
// enclosing object, so every member is kept unless it is excluded.
class Pruner {
 public:
  explicit Pruner(const SourceFilter& filter) : filter_(filter) {}

  Json Object(const Json& value, const std::string& prefix, bool included) const {
    TRINE_DCHECK(value.is_object());
    Json out(Json::Object{});
    for (const auto& [key, member] : value.object()) {
      const size_t key_start = prefix.empty() ? 0 : prefix.size() + 1;
      const std::string path = prefix.empty() ? key : prefix + "." + key;
      if (MatchesKey(filter_.excludes, path, key_start)) continue;
      const bool whole = included || MatchesKey(filter_.includes, path, key_start);
      if (member.is_object()) {
        Json kept = Object(member, path, whole);
        if (whole || !kept.object().empty()) out.object().emplace_back(key, std::move(kept));
      } else if (member.is_array()) {
        Json kept = Array(member, path, whole);
        if (!kept.array().empty() || (whole && member.array().empty()))
          out.object().emplace_back(key, std::move(kept));
      } else if (whole) {
        out.object().emplace_back(key, member);
      }
    }
    return out;
  }

 private:
  Json Array(const Json& value, const std::string& path, bool whole) const {
    TRINE_DCHECK(value.is_array());
    Json out(Json::Array{});
    for (const Json& one : value.array()) {
      if (one.is_object()) {
        Json kept = Object(one, path, whole);
        if (whole || !kept.object().empty()) out.Push(std::move(kept));
      } else if (one.is_array()) {
        Json kept = Array(one, path, whole);
        if (whole || !kept.array().empty()) out.Push(std::move(kept));
      } else if (whole) {
        out.Push(one);
      }
    }
    return out;
  }

  const SourceFilter& filter_;
};

Status AddPatterns(const Json& given, const std::string& where, std::vector<std::string>* patterns) {
  const auto add = [&](const Json& one) -> Status {
    if (!one.is_string())
      return ParsingError("Unknown key for a " + std::string(one.type_name()) + " in [" + where + "].",
                          where);
    if (patterns->size() >= kMaxPatterns)
      return Error(ErrorCode::kLimit, "too many patterns in [" + where + "]").Where(where);
    patterns->push_back(one.string());
    return Ok();
  };
  if (!given.is_array()) return add(given);
  for (const Json& one : given.array()) TRINE_TRY(add(one));
  return Ok();
}

// A filter_path pattern, split at dots, and the position of its next segment to match.
using Segments = std::vector<std::string>;
struct Step {
  const Segments* segments;
  size_t at;
  friend bool operator<(const Step& a, const Step& b) {
    return std::tie(a.segments, a.at) < std::tie(b.segments, b.at);
  }
  friend bool operator==(const Step& a, const Step& b) { return a.segments == b.segments && a.at == b.at; }
};

// Matches a member's name against the steps. Returns the steps for the member's own members; sets `done` if a
// pattern ends at this name.
std::vector<Step> Advance(const std::vector<Step>& steps, std::string_view name, bool* done) {
  std::vector<Step> next;
  for (const Step& step : steps) {
    TRINE_DCHECK(step.segments != nullptr);
    for (size_t at = step.at; at < step.segments->size(); ++at) {
      const std::string& segment = (*step.segments)[at];
      const bool deep = segment == "**";
      if (deep) next.push_back({step.segments, at});  // keeps matching at any depth
      if (deep && at + 1 == step.segments->size()) *done = true;
      if (!deep && catalogue::MatchesPattern(segment, name)) {
        if (at + 1 == step.segments->size())
          *done = true;
        else
          next.push_back({step.segments, at + 1});
      }
      if (!deep) break;  // after "**", which may match no name, the next segment is tried too
    }
  }
  // Needed because otherwise the steps of a pattern with several "**" would multiply at every level.
  std::sort(next.begin(), next.end());
  next.erase(std::unique(next.begin(), next.end()), next.end());
  return next;
}

Json KeepPaths(const Json& value, const std::vector<Step>& steps);
Json KeepValue(const Json& value, const std::vector<Step>& steps, bool done) {
  return done ? value : KeepPaths(value, steps);
}

// Returns null if nothing is kept.
Json KeepPaths(const Json& value, const std::vector<Step>& steps) {
  if (steps.empty()) return {};
  if (value.is_array()) {
    Json out;
    for (const Json& one : value.array()) {
      Json kept = KeepPaths(one, steps);
      if (!kept.is_null()) out.Push(std::move(kept));
    }
    return out;
  }
  Json out;
  if (!value.is_object()) return out;
  for (const auto& [key, member] : value.object()) {
    bool done = false;
    const std::vector<Step> next = Advance(steps, key, &done);
    Json kept = KeepValue(member, next, done);
    if (done || !kept.is_null()) {
      if (out.is_null()) out = Json(Json::Object{});
      out.object().emplace_back(key, std::move(kept));
    }
  }
  return out;
}

Json DropPaths(const Json& value, const std::vector<Step>& steps) {
  if (steps.empty()) return value;
  if (value.is_array()) {
    Json out(Json::Array{});
    for (const Json& one : value.array()) out.Push(DropPaths(one, steps));
    return out;
  }
  if (!value.is_object()) return value;
  Json out(Json::Object{});
  for (const auto& [key, member] : value.object()) {
    bool done = false;
    const std::vector<Step> next = Advance(steps, key, &done);
    if (!done) out.object().emplace_back(key, DropPaths(member, next));
  }
  return out;
}

Segments SplitPath(std::string_view pattern) {
  Segments segments;
  for (size_t begin = 0; begin <= pattern.size();) {
    const size_t end = std::min(pattern.find('.', begin), pattern.size());
    segments.emplace_back(pattern.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

}  // namespace

Json SourceFilter::Apply(const Json& source) const {
  if (!source.is_object() || KeepsAll()) return source;
  return Pruner(*this).Object(source, "", includes.empty());
}

Result<SourceFilter> ParseSourceFilter(const Json& given, std::string_view where) {
  SourceFilter filter;
  const std::string place(where);
  if (given.is_bool()) {
    filter.fetch = given.boolean();
    return filter;
  }
  if (given.is_string() || given.is_array()) {
    TRINE_TRY(AddPatterns(given, place, &filter.includes));
    return filter;
  }
  if (!given.is_object())
    return ParsingError(
        "Expected one of [VALUE_BOOLEAN, START_OBJECT] but found [" + std::string(given.type_name()) + "]",
        place);
  for (const auto& [key, value] : given.object()) {
    const bool include = key == "includes" || key == "include";
    if (!include && key != "excludes" && key != "exclude")
      return ParsingError("Unknown key for a " + std::string(value.type_name()) + " in [" + key + "].",
                          place + "." + key);
    // Both spellings name one list: the last one given replaces the other.
    std::vector<std::string>& patterns = include ? filter.includes : filter.excludes;
    patterns.clear();
    TRINE_TRY(AddPatterns(value, key, &patterns));
  }
  return filter;
}

Json FilterPath(const Json& body, const std::vector<std::string>& patterns) {
  std::vector<Segments> keep, drop;
  for (const std::string& pattern : patterns) {
    if (keep.size() + drop.size() >= kMaxPatterns) break;
    if (pattern.front() == '-')
      drop.push_back(SplitPath(std::string_view(pattern).substr(1)));
    else
      keep.push_back(SplitPath(pattern));
  }
  const auto steps = [](const std::vector<Segments>& from) {
    std::vector<Step> out;
    out.reserve(from.size());
    for (const Segments& segments : from) out.push_back({&segments, 0});
    return out;
  };
  Json kept = keep.empty() ? body : KeepPaths(body, steps(keep));
  if (kept.is_null()) kept = Json(Json::Object{});
  return drop.empty() ? kept : DropPaths(kept, steps(drop));
}

Result<std::optional<SourceFilter>> SourceParameters(const Call& call) {
  const std::string* source = call.Parameter("_source");
  const std::string* includes = call.Parameter("_source_includes");
  const std::string* excludes = call.Parameter("_source_excludes");
  if (source == nullptr && includes == nullptr && excludes == nullptr) return std::optional<SourceFilter>();
  SourceFilter filter;
  if (source != nullptr) {
    if (*source == "false")
      filter.fetch = false;
    else if (!source->empty() && *source != "true")
      filter.includes = SplitList(*source);
  }
  if (includes != nullptr) filter.includes = SplitList(*includes);
  if (excludes != nullptr) filter.excludes = SplitList(*excludes);
  return std::optional<SourceFilter>(std::move(filter));
}

}  // namespace trine::api::opensearch
