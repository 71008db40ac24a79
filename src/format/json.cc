// The fast way of ParseJson: simdjson's DOM parser. What it refuses goes to the careful reader.
#include "format/json.h"

#include <simdjson.h>

#include <algorithm>
#include <memory>

#include "format/json_reader.h"

namespace trine::format {
namespace {

// A parser keeps the buffers of its largest document; above this they are given back.
constexpr size_t kKeptCapacity = 1u << 20;

// One parser a thread: its buffers are scratch memory, nothing of a document outlives the call.
class ScratchParser {
 public:
  ScratchParser() { Renew(); }
  simdjson::dom::parser& parser() { return *parser_; }
  void GiveBackLargeBuffers() {
    if (parser_->capacity() > kKeptCapacity) Renew();
  }

 private:
  void Renew() {
    parser_ = std::make_unique<simdjson::dom::parser>();
    // Out of memory here shows again, as an error value, when the parser is used.
    const auto unused = parser_->allocate(4096, kDeepestJson + 1);
    static_cast<void>(unused);
  }
  std::unique_ptr<simdjson::dom::parser> parser_;
};

bool Convert(const simdjson::dom::element& in, size_t depth_left, Json* out);

bool ConvertArray(const simdjson::dom::array& in, size_t depth_left, Json* out) {
  if (depth_left == 0) return false;
  Json::Array items;
  items.reserve(in.size());
  for (const auto& item : in) {
    if (!Convert(item, depth_left - 1, &items.emplace_back())) return false;
  }
  *out = Json(std::move(items));
  return true;
}

bool ConvertObject(const simdjson::dom::object& in, size_t depth_left, Json* out) {
  if (depth_left == 0) return false;
  Json::Object members;
  members.reserve(in.size());
  for (const auto& [key, value] : in) {
    if (!Convert(value, depth_left - 1, &members.emplace_back(std::string(key), Json()).second)) return false;
  }
  KeepLastMembers(&members);
  *out = Json(std::move(members));
  return true;
}

// False when the value nests deeper than `depth_left`.
bool Convert(const simdjson::dom::element& in, size_t depth_left, Json* out) {
  using simdjson::dom::element_type;
  switch (in.type()) {
    case element_type::ARRAY:
      return ConvertArray(in.get_array().value_unsafe(), depth_left, out);
    case element_type::OBJECT:
      return ConvertObject(in.get_object().value_unsafe(), depth_left, out);
    case element_type::STRING:
      *out = Json(std::string_view(in.get_string().value_unsafe()));
      break;
    case element_type::INT64:
      *out = Json(int64_t{in.get_int64().value_unsafe()});
      break;
    case element_type::UINT64:
      *out = Json(uint64_t{in.get_uint64().value_unsafe()});
      break;
    case element_type::DOUBLE:
      *out = Json(in.get_double().value_unsafe());
      break;
    case element_type::BOOL:
      *out = Json(in.get_bool().value_unsafe());
      break;
    case element_type::NULL_VALUE:
      *out = Json();
      break;
  }
  return true;
}

}  // namespace

Result<Json> ParseJson(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return Error(ErrorKind::kLimit, "the JSON text is too long")
        .Code("json_bytes")
        .Expected("at most " + std::to_string(limits.max_bytes) + " bytes")
        .Got(std::to_string(text.size()));
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  const size_t max_depth = std::min(limits.max_depth, kDeepestJson);
  thread_local ScratchParser scratch;
  simdjson::dom::element root;
  const auto failed = scratch.parser().parse(text.data(), text.size()).get(root);
  if (failed == simdjson::DEPTH_ERROR) return JsonTooDeep(max_depth);
  Json value;
  const bool fits = failed != simdjson::SUCCESS || Convert(root, max_depth, &value);
  scratch.GiveBackLargeBuffers();
  if (failed != simdjson::SUCCESS) return ReadJsonCarefully(text, max_depth);
  if (!fits) return JsonTooDeep(max_depth);
  return value;
}

}  // namespace trine::format
