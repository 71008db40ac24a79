// Filters that keep parts of a JSON value by path patterns: `_source` includes and excludes, and
// "filter_path" on whole answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/opensearch/request/call.h"
#include "base/result.h"
#include "format/json.h"

namespace trine::api::opensearch {

// Selects the members of a document's source for an answer. Immutable once set, then thread-safe.
struct SourceFilter {
  bool fetch = true;                            // false: no source at all
  std::vector<std::string> includes, excludes;  // patterns over dotted paths; '*' crosses dots

  bool KeepsAll() const { return fetch && includes.empty() && excludes.empty(); }
  // A pattern keeps (or drops) the members that it matches and everything in them. An object without any kept
  // member is dropped, unless the object itself is kept: by a pattern, or because `includes` is empty.
  format::Json Apply(const format::Json& source) const;
};

// The body form of _source: false, true, "a.*", ["a", "b"], {"includes": [...], "excludes": [...]}.
Result<SourceFilter> ParseSourceFilter(const format::Json& given, std::string_view where);

// Reads the parameters _source, _source_includes and _source_excludes; nullopt if all are absent.
Result<std::optional<SourceFilter>> SourceParameters(const Call& call);

// Filters an answer by the patterns of filter_path, such as "hits.hits._id", or "-hits.hits._source" to
// exclude. '*' matches a name or a part of it, "**" any number of names.
format::Json FilterPath(const format::Json& body, const std::vector<std::string>& patterns);

}  // namespace trine::api::opensearch
