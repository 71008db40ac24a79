// Tags of resources.
#include "api/personalize/arn.h"
#include "api/personalize/handlers.h"

namespace trine::api::personalize {
namespace {

using format::Json;
using recommend::Resource;

constexpr size_t kMaxTags = 50;  // per resource, Personalize's quota

Result<Resource> FindTagged(const Call& call) {
  const std::string arn = TextOf(call.input, "resourceArn");
  const auto parsed = ParseArn(arn);
  const KindInfo* kind = parsed ? KindOfArn(parsed->type, parsed->path) : nullptr;
  if (kind == nullptr) return NoSuchArn(arn);
  return FindArn(call, kind->kind, arn);
}

}  // namespace

Result<Json> ListTagsForResource(const Call& call) {
  TRINE_ASSIGN(const Resource found, FindTagged(call));
  Json answer = Json::Object{};
  Json& tags = answer.Set("tags", Json::Array{});
  for (const auto& [key, value] : TextsOf(FindMember(found.spec, "tags")))
    tags.Push(Json::Object{{"tagKey", key}, {"tagValue", value}});
  return answer;
}

Result<Json> TagResource(const Call& call) {
  TRINE_ASSIGN(const Resource found, FindTagged(call));
  const auto updated = call.deps.resources.Update(found.kind, found.path, [&](Resource& now) -> Status {
    if (now.spec.Find("tags") == nullptr) now.spec.Set("tags", Json::Object{});
    Json& tags = *now.spec.Find("tags");
    for (const Json& tag : RequiredMember(call.input, "tags").array())
      tags.Set(TextOf(tag, "tagKey"), TextOf(tag, "tagValue"));
    if (tags.object().size() > kMaxTags) {
      return Error(ErrorCode::kTooManyTags, "A resource has at most " + std::to_string(kMaxTags) + " tags");
    }
    return Ok();
  });
  if (!updated.ok()) return updated.error();
  return Json(Json::Object{});
}

Result<Json> UntagResource(const Call& call) {
  TRINE_ASSIGN(const Resource found, FindTagged(call));
  const auto updated = call.deps.resources.Update(found.kind, found.path, [&](Resource& now) {
    if (Json* tags = now.spec.Find("tags")) {
      for (const Json& key : RequiredMember(call.input, "tagKeys").array()) tags->Remove(key.string());
    }
    return Ok();
  });
  if (!updated.ok()) return updated.error();
  return Json(Json::Object{});
}

}  // namespace trine::api::personalize
