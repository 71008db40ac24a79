#include "api/native/api.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <string_view>
#include <utility>

#include "api/native/answer_json.h"
#include "api/native/ask_request.h"
#include "api/native/ask_stream.h"
#include "api/native/binding_fields.h"
#include "api/native/body_reader.h"
#include "api/native/group_datasets.h"
#include "api/native/job_json.h"
#include "api/native/roles_json.h"
#include "format/strict_json.h"
#include "format/text.h"
#include "formation/knowledge.h"

namespace trine::api::native {
namespace {

using format::Json;

// In a batch with fewer events, times in the future are replaced by the current time, because they probably
// come from one client's wrong clock. Larger batches usually come from files, and this machine's clock may be
// the wrong one.
constexpr size_t kClockCheckEvents = 100;
constexpr size_t kMaxRows = 5000;         // events, items or users per request
constexpr size_t kMaxPublicEvents = 100;  // per request with public credentials: one page sends a few
constexpr size_t kMaxItemIds = 500;
constexpr double kLatestSeconds = 4e9;  // the year 2096
constexpr std::string_view kPrefix = "/_trine/";
// The time that a question waits for the first build of an index's vocabulary, and for the build after a
// change of the declared roles: a few thousand products are built within that time.
constexpr int64_t kKnowledgeWaitMillis = 1000;

constexpr size_t kMaxProbeBodyBytes = 4096;

// Whether the method is one of those by which a server is probed. The paths are checked by the caller.
bool IsProbe(const net::Request& request) { return request.method == "GET" || request.method == "HEAD"; }

// The outcome of waiting for the knowledge of an index, for the request that goes on. Shared with the thread
// that builds the knowledge.
struct Waited {
  explicit Waited(int64_t now) : began_nanos(now) {}
  const int64_t began_nanos;
  std::atomic<bool> prepared{false};  // set after `result`
  Status result = Ok();
};

// Handles one request. If it must wait first, `wait` is set, the answer has no meaning, and another Handlers
// with the same `waited` handles the request again after the wait.
class Handlers {
 public:
  Handlers(const Dependencies& deps, std::shared_ptr<Waited> waited)
      : deps_(deps), waited_(std::move(waited)) {}

  std::unique_ptr<net::Wait> wait;
  const std::shared_ptr<Waited>& waited() const { return waited_; }

  using Handler = Result<Json> (Handlers::*)(const net::Request&, const Json&);
  struct Endpoint {
    std::string_view name;
    Handler handler;
    net::RequestPlan plan;
  };
  static const Endpoint* FindEndpoint(std::string_view name) {
    using net::Access, net::RequestClass;
    constexpr size_t kCall = limits::kMaxCallBodyBytes, kRows = limits::kMaxBodyBytes;
    static constexpr std::array kTable = {
        Endpoint{"ask", &Handlers::Ask, {RequestClass::kLanguage, Access::kPublic, kCall}},
        Endpoint{"intent", &Handlers::Intent, {RequestClass::kLanguage, Access::kRead, kCall}},
        Endpoint{"reason", &Handlers::Reason, {RequestClass::kLanguage, Access::kRead, kCall}},
        Endpoint{"likelihood", &Handlers::Likelihood, {RequestClass::kRecommend, Access::kRead, kCall}},
        Endpoint{"events", &Handlers::Events, {RequestClass::kWrite, Access::kPublic, kRows}},
        Endpoint{"items", &Handlers::Items, {RequestClass::kWrite, Access::kWrite, kRows}},
        Endpoint{"users", &Handlers::Users, {RequestClass::kWrite, Access::kWrite, kRows}},
        Endpoint{"prepare", &Handlers::Prepare, {RequestClass::kAdmin, Access::kAdmin, kCall}}};
    for (const Endpoint& endpoint : kTable) {
      if (endpoint.name == name) return &endpoint;
    }
    return nullptr;
  }

  Result<net::Response> Route(const net::Request& request) {
    TRINE_ASSIGN(const auto parts, request.PathSegments());
    const std::string& name = parts.size() > 1 ? parts[1] : request.path;
    if (request.method == "GET" && parts.size() == 2 && name == "metrics")
      return net::Response::JsonText(200, deps_.metrics_text(), "text/plain; version=0.0.4");
    if (IsProbe(request) && parts.size() == 2 && name == "live")
      return Print(Json(Json::Object{{"live", true}}));
    if (IsProbe(request) && parts.size() == 2 && name == "health") return Print(deps_.health());
    if (IsProbe(request) && parts.size() == 2 && name == "ready") return Ready();
    if (name == "bindings" && parts.size() == 2 && request.method == "GET") return Print(AllBindings());
    if (name == "roles" && parts.size() == 3) {
      TRINE_ASSIGN(const Json answer, RolesOfIndex(request, parts[2]));
      return Print(answer);
    }
    if (name == "bindings" && parts.size() == 3) {
      TRINE_ASSIGN(const Json answer, Bindings(request, parts[2]));
      return Print(answer);
    }
    // The slash of an ARN may be encoded or not.
    const bool has_arn = parts.size() == 5 && parts[2].starts_with("arn:");
    if (name == "users" && (parts.size() == 4 || has_arn)) {
      const std::string group = has_arn ? parts[2] + "/" + parts[3] : parts[2];
      TRINE_ASSIGN(const Json answer, DeletePerson(request, group, parts.back()));
      return Print(answer);
    }
    if (name == "jobs" && parts.size() == 4) {
      TRINE_ASSIGN(const Json answer, DescribeJob(request, parts[2], parts[3]));
      return Print(answer);
    }
    if (const Endpoint* endpoint = FindEndpoint(name); endpoint != nullptr && parts.size() == 2) {
      if (request.method != "POST")
        return Error(ErrorCode::kInvalid, "wrong method: expected POST")
            .Got(request.method)
            .Where(request.path);
      TRINE_ASSIGN(const Json body, format::ParseStrictJson(request.body));
      TRINE_ASSIGN(const Json answer, (this->*endpoint->handler)(request, body));
      return stream_ ? EventStreamResponse(std::move(stream_)) : Print(answer);
    }
    return Error(ErrorCode::kNotFound, "unknown endpoint; docs/api.md lists them")
        .Where(request.method + " " + request.path);
  }

 private:
  // For load balancers: 200 if every request can be served, otherwise 503 with the reason.
  Result<net::Response> Ready() {
    if (const Status ready = deps_.ready ? deps_.ready() : Ok(); !ready.ok()) {
      return Error(ErrorCode::kUnavailable, ready.error().message);
    }
    return Print(Json(Json::Object{{"ready", true}}));
  }
  static net::Response Print(const Json& json) {
    return net::Response::JsonText(200, format::ToString(json));
  }

  Result<Json> Ask(const net::Request& request, const Json& json) {
    TRINE_ASSIGN(AskRequest asked, ReadAskRequest(deps_, request, json));
    formation::AskCall& call = asked.call;
    if (MustWait(call.collection, call.visible_fields, request, call.deadline_ms)) return Json();
    call.deadline_ms = std::max<int64_t>(call.deadline_ms - WaitedMillis(), 1);
    if (asked.stream) {
      stream_ = StreamAnswer(deps_.ask, std::move(asked), request.deadline);
      return Json();
    }
    TRINE_ASSIGN(const auto answer, deps_.ask.Ask(call, request.deadline));
    return AnswerJson(answer, asked.view);
  }

  int64_t WaitedMillis() const {
    return waited_ ? (deps_.clock.MonotonicNanos() - waited_->began_nanos) / 1'000'000 : 0;
  }

  // Sets `wait` and returns true if the knowledge of the index is not ready and the request has not waited
  // for it yet. It waits for at most half of its time.
  bool MustWait(const catalogue::CollectionPtr& collection, const std::vector<std::string>& fields,
                const net::Request& request, int64_t millis) {
    if (waited_ || deps_.ask.IsReady(collection, fields)) return false;
    waited_ = std::make_shared<Waited>(deps_.clock.MonotonicNanos());
    wait = std::make_unique<net::Wait>();
    wait->start = [&ask = deps_.ask, collection, fields](std::function<void()> resume) {
      ask.Await(collection, fields, std::move(resume));
    };
    wait->most_millis = std::min({kKnowledgeWaitMillis, millis / 2, request.deadline.MillisLeft() / 2});
    return true;
  }

  Result<Json> Intent(const net::Request& request, const Json& json) {
    BodyReader body(json);
    const std::string question = body.Text("question", true, limits::kMaxQuestionBytes),
                      index = body.Text("index", true, 255), language = LanguageOf(&body);
    TRINE_TRY(body.Done());
    TRINE_ASSIGN(const auto collection, ResolveIndex(deps_, request, index));
    if (MustWait(collection, {}, request, request.deadline.MillisLeft())) return Json();
    TRINE_ASSIGN(const auto intent,
                 deps_.ask.Understand(question, collection, language, request.deadline, request.caller.name));
    return IntentJson(intent);
  }

  Result<Json> Reason(const net::Request& request, const Json& json) {
    BodyReader body(json);
    const std::string user = body.Text("user_id", true, limits::kMaxIdBytes),
                      index = body.Text("index", true, 255);
    const std::string question = body.Text("question", false, limits::kMaxQuestionBytes),
                      language = LanguageOf(&body);
    const auto ids = body.Texts("item_ids", true, 100);
    TRINE_TRY(body.Done());
    TRINE_ASSIGN(const auto collection, ResolveIndex(deps_, request, index));
    if (MustWait(collection, {}, request, request.deadline.MillisLeft())) return Json();
    TRINE_ASSIGN(const auto reasons,
                 deps_.ask.Reasons(user, ids, collection, question, language, request.deadline));
    Json out, items(Json::Array{});
    for (const auto& reason : reasons) {
      Json one;
      one.Set("item_id", reason.item_id);
      one.Set("text", reason.text);
      one.Set("because", CausesJson(reason.because));
      items.Push(std::move(one));
    }
    out.Set("items", std::move(items));
    return out;
  }

  Result<Json> Likelihood(const net::Request& request, const Json& json) {
    BodyReader body(json);
    const std::string user = body.Text("user_id", true, limits::kMaxIdBytes),
                      index = body.Text("index", true, 255);
    TRINE_ASSIGN(const std::string campaign, CampaignPath(deps_.read_name, body.Text("campaign", false)));
    const auto ids = body.Texts("item_ids", true, kMaxItemIds);
    const double days = body.Number("days", 0.01, 365).value_or(7);
    TRINE_TRY(body.Done());
    TRINE_ASSIGN(const auto collection, ResolveIndex(deps_, request, index));
    recommend::ServingConfig served;
    if (!campaign.empty()) {
      TRINE_ASSIGN(served, formation::ServedLookup(deps_.resources).Campaign(campaign));
    } else {
      const auto binding = deps_.catalogue.BindingOf(collection->name);
      if (!binding)
        return Error(ErrorCode::kInvalid, "the index is not bound to a dataset group")
            .Where("index")
            .Expected("a binding (PUT /_trine/bindings/{index})");
      served.group = binding->group;
    }
    TRINE_ASSIGN(const auto found, deps_.recommender.Likelihood(served, user, ids, days, request.deadline));
    TRINE_CHECK_EQ(found.chances.size(), ids.size());
    Json out, items(Json::Array{});
    for (size_t i = 0; i < ids.size(); ++i) {
      Json one;
      one.Set("item_id", ids[i]);
      one.Set("probability", found.chances[i]);
      items.Push(std::move(one));
    }
    out.Set("items", std::move(items));
    if (!found.note.empty()) out.Set("note", found.note);
    return out;
  }

  // The dataset group that a body names, and whether to create it if it does not exist.
  struct GroupReference {
    std::string path;
    bool create = false;
  };
  Result<GroupReference> GroupOf(BodyReader* body) const {
    GroupReference call;
    TRINE_ASSIGN(call.path, GroupPath(deps_.read_name, body->Text("dataset_group", true), "dataset_group"));
    call.create = body->Flag("create", false);
    if (call.path.empty()) return body->Wrong("dataset_group", "a name or an ARN");
    return call;
  }

  // Whether the caller's credentials allow this group: it is bound to one of their indexes, or they are not
  // limited to indexes.
  bool MayUse(const net::Caller& caller, GroupId group) const {
    if (caller.indexes.empty()) return true;
    const auto binding = deps_.catalogue.BindingOf(group);
    return binding && std::ranges::find(caller.indexes, binding->collection) != caller.indexes.end();
  }

  // Called after the whole body was validated, so that a rejected request creates nothing.
  Result<recommend::Resource> FindOrCreateGroup(const GroupReference& call, const net::Caller& caller) {
    if (!caller.indexes.empty()) {
      // The answer is the same for a group that exists and for one that does not.
      auto own = deps_.resources.Get(recommend::ResourceKind::kDatasetGroup, call.path);
      if (own && MayUse(caller, own->group)) return *own;
      return Error(ErrorCode::kForbidden, "these credentials are limited to other dataset groups")
          .Where("dataset_group");
    }
    if (auto group = deps_.resources.Get(recommend::ResourceKind::kDatasetGroup, call.path)) return *group;
    TRINE_TRY(deps_.resources.Readable(recommend::ResourceKind::kDatasetGroup, call.path));
    if (!call.create)
      return Error(ErrorCode::kNotFound, "unknown dataset group; \"create\": true creates it")
          .Where("dataset_group")
          .Got(call.path);
    if (caller.role != net::Caller::Role::kAdmin)
      return Error(ErrorCode::kForbidden, "only administrators may create a dataset group").Where("create");
    recommend::Resource group;
    group.kind = recommend::ResourceKind::kDatasetGroup;
    group.path = group.name = call.path;
    group.state = recommend::ResourceState::kActive;
    group.spec = Json(Json::Object{});
    group.spec.Set("by_import", true);
    auto made = deps_.resources.Create(std::move(group));
    if (!made.ok() && made.error().kind() == ErrorKind::kExists) {
      // Another request created the group meanwhile. If a third request has deleted it since, the error is
      // returned.
      if (auto theirs = deps_.resources.Get(recommend::ResourceKind::kDatasetGroup, call.path))
        return *theirs;
    }
    return made;
  }

  static Result<history::Event> EventOf(const Json& json, const std::string& where, Millis now) {
    BodyReader body(json, where);
    history::Event event;
    event.user_id = body.Text("user_id", false, limits::kMaxIdBytes);
    event.session_id = body.Text("session_id", false, limits::kMaxIdBytes);
    event.item_id = body.Text("item_id", false, limits::kMaxIdBytes);
    event.type = body.Text("event_type", true, 256);
    event.event_id = body.Text("event_id", false, 256);
    event.recommendation_id = body.Text("recommendation_id", false, 64);
    event.unverified = body.Flag("unverified", false);
    event.time = now;
    if (const auto seconds = body.Number("timestamp", 0, kLatestSeconds))
      event.time = Millis{static_cast<int64_t>(*seconds * 1000)};
    event.value = body.Number("value", -1e15, 1e15);
    event.impression = body.Texts("impression", false, 100);
    if (const std::string query = body.Text("query", false, limits::kMaxQuestionBytes); !query.empty())
      event.attributes.emplace_back("QUERY", query);
    if (const Json* attributes = body.Object("attributes"); attributes != nullptr) {
      for (const auto& [name, value] : attributes->object()) {
        if (event.attributes.size() >= 50 || !(value.is_string() || value.is_number() || value.is_bool()))
          return body.Wrong("attributes", "an object with at most 50 scalars");
        event.attributes.emplace_back(name, value.is_string() ? value.string() : format::ToString(value));
      }
    }
    TRINE_TRY(body.Done());
    if (event.user_id.empty() && event.session_id.empty())
      return Error(ErrorCode::kInvalid, "an event needs a user_id or a session_id").Where(where);
    return event;
  }

  Result<Json> Events(const net::Request& request, const Json& json) {
    BodyReader body(json);
    TRINE_ASSIGN(const auto call, GroupOf(&body));
    std::vector<history::Event> events;
    const Millis now = deps_.clock.Now();
    const bool is_public = request.caller.role == net::Caller::Role::kPublic;
    for (const Json& one : body.List("events", true, is_public ? kMaxPublicEvents : kMaxRows)) {
      TRINE_ASSIGN(auto event, EventOf(one, "events[" + std::to_string(events.size()) + "]", now));
      event.unverified = event.unverified || !request.caller.trusted_events;
      events.push_back(std::move(event));
    }
    TRINE_TRY(body.Done());
    TRINE_ASSIGN(const auto group, FindOrCreateGroup(call, request.caller));
    // If at least half of the events in a large batch lie in the future, this machine's clock is probably
    // slow. The events then keep their times, because the order of the times is right.
    const auto ahead = std::ranges::count_if(events, [&](const auto& event) { return event.time > now; });
    if (events.size() < kClockCheckEvents || static_cast<size_t>(ahead) * 2 < events.size())
      history::ClampFutureTimes(now, &events);
    const size_t given = events.size();
    Columns columns;
    for (const Json& one : json.Find("events")->array()) columns.push_back(one.Find("attributes"));
    TRINE_TRY(Describe(call, request.caller, group, history::DatasetType::kInteractions, columns));
    TRINE_ASSIGN(const auto appended, deps_.history.Append(group.group, std::move(events)));
    TRINE_CHECK_LE(appended.duplicates, given);
    Json out;
    out.Set("kept", static_cast<uint64_t>(given - appended.duplicates));
    out.Set("duplicates", static_cast<uint64_t>(appended.duplicates));
    return out;
  }

  // One row, {"id", "attributes"}, of a request that stores items or users.
  struct IdAndAttributes {
    std::string id;
    Json attributes;
  };
  static Result<std::vector<IdAndAttributes>> Rows(BodyReader* body, const char* key) {
    std::vector<IdAndAttributes> rows;
    for (const Json& one : body->List(key, true, kMaxRows)) {
      BodyReader row(one, std::string(key) + "[" + std::to_string(rows.size()) + "]");
      IdAndAttributes out;
      out.id = row.Text("id", true, limits::kMaxIdBytes);
      const Json* attributes = row.Object("attributes");
      out.attributes = attributes != nullptr ? *attributes : Json(Json::Object{});
      TRINE_TRY(row.Done());
      rows.push_back(std::move(out));
    }
    return rows;
  }

  using Columns = std::vector<const Json*>;
  static Columns AttributesOf(const std::vector<IdAndAttributes>& rows) {
    Columns columns;
    columns.reserve(rows.size());
    for (const auto& row : rows) columns.push_back(&row.attributes);
    return columns;
  }

  // Makes sure that a group which an import created has a dataset of this type.
  Status Describe(const GroupReference& call, const net::Caller& caller, const recommend::Resource& group,
                  history::DatasetType type, const Columns& columns) {
    if (!call.create || caller.role != net::Caller::Role::kAdmin) return Ok();
    return EnsureDataset(deps_.resources, group, type, columns);
  }

  Result<Json> Items(const net::Request& request, const Json& json) {
    BodyReader body(json);
    TRINE_ASSIGN(const auto call, GroupOf(&body));
    TRINE_ASSIGN(auto rows, Rows(&body, "items"));
    TRINE_TRY(body.Done());
    TRINE_ASSIGN(const auto group, FindOrCreateGroup(call, request.caller));
    TRINE_TRY(Describe(call, request.caller, group, history::DatasetType::kItems, AttributesOf(rows)));
    std::vector<operations::ItemWrite> items;
    items.reserve(rows.size());
    for (auto& row : rows) items.push_back({std::move(row.id), std::move(row.attributes)});
    const size_t count = items.size();
    TRINE_TRY(deps_.writer.PutItems(group.group, std::move(items), false, request.deadline));
    return KeptJson(count);
  }

  Result<Json> Users(const net::Request& request, const Json& json) {
    BodyReader body(json);
    TRINE_ASSIGN(const auto call, GroupOf(&body));
    TRINE_ASSIGN(auto rows, Rows(&body, "users"));
    TRINE_TRY(body.Done());
    TRINE_ASSIGN(const auto group, FindOrCreateGroup(call, request.caller));
    TRINE_TRY(Describe(call, request.caller, group, history::DatasetType::kUsers, AttributesOf(rows)));
    std::vector<history::User> users;
    users.reserve(rows.size());
    for (auto& row : rows) users.push_back({std::move(row.id), std::move(row.attributes), 0});
    TRINE_TRY(deps_.history.PutUsers(group.group, users));
    return KeptJson(users.size());
  }

  Result<Json> DeletePerson(const net::Request& request, const std::string& given_group,
                            const std::string& id) {
    if (request.method != "DELETE")
      return Error(ErrorCode::kInvalid, "wrong method: expected DELETE")
          .Got(request.method)
          .Where(request.path);
    if (id.empty() || id.size() > limits::kMaxIdBytes)
      return Error(ErrorCode::kInvalid,
                   "the id of a person must have 1 to " + std::to_string(limits::kMaxIdBytes) + " bytes")
          .Got(std::to_string(id.size()) + " bytes");
    if (!request.query.empty() || !request.body.empty())
      return Error(ErrorCode::kInvalid, "the deletion of a person takes no parameters and no body")
          .Got(request.query.empty() ? "a body" : request.query)
          .Where(request.path);
    TRINE_ASSIGN(const std::string group_name, GroupPath(deps_.read_name, given_group, request.path));
    const auto group = deps_.resources.Get(recommend::ResourceKind::kDatasetGroup, group_name);
    if (!request.caller.indexes.empty() && (!group || !MayUse(request.caller, group->group)))
      return Error(ErrorCode::kForbidden, "these credentials are limited to other dataset groups")
          .Where(group_name);
    if (!group) {
      TRINE_TRY(deps_.resources.Readable(recommend::ResourceKind::kDatasetGroup, group_name));
      return Error(ErrorCode::kNotFound, "unknown dataset group")
          .Expected("the name or the ARN of a dataset group; a slash in it is written %2F")
          .Got(group_name)
          .Where(request.path);
    }
    // Before the erasure, because the next start continues only that.
    TRINE_TRY(deps_.jobs.RemoveRejects({id}));
    TRINE_ASSIGN(const history::Erased erased, deps_.history.EraseUsers(group->group, {id}));
    TRINE_CHECK_LE(erased.people, 1u);
    TRINE_ASSIGN(const bool pending, deps_.history.IsPurgePending(group->group));
    Json out;
    out.Set("deleted", erased.people == 1);
    out.Set("events", erased.events);
    out.Set("users", erased.users);
    out.Set("bytes_pending", pending);
    return out;
  }

  Result<Json> DescribeJob(const net::Request& request, const std::string& type, const std::string& name) {
    if (request.method != "GET")
      return Error(ErrorCode::kInvalid, "wrong method: expected GET").Got(request.method).Where(request.path);
    const auto kind = JobKindOf(type);
    if (!kind)
      return Error(ErrorCode::kNotFound, "unknown type of job")
          .Expected("dataset-import-job, dataset-export-job, batch-inference-job or data-deletion-job")
          .Got(type);
    const auto job = deps_.resources.Get(*kind, name);
    if (!job) {
      TRINE_TRY(deps_.resources.Readable(*kind, name));
      return Error(ErrorCode::kNotFound, "unknown job").Where(type + "/" + name);
    }
    const auto group = deps_.resources.GroupOf(job->group);
    return JobJson(type, *job, group ? group->path : "", deps_.jobs.ProgressOf(name));
  }

  static Json KeptJson(size_t count) {
    Json out;
    out.Set("kept", static_cast<uint64_t>(count));
    return out;
  }

  // Builds an index's vocabulary and vectors, and answers when they are built: for demonstrations and tests.
  Result<Json> Prepare(const net::Request& request, const Json& json) {
    BodyReader body(json);
    const std::string index = body.Text("index", true, 255);
    TRINE_TRY(body.Done());
    TRINE_ASSIGN(const auto collection, deps_.catalogue.ResolveOne(index));
    if (!waited_) {
      waited_ = std::make_shared<Waited>(deps_.clock.MonotonicNanos());
      wait = std::make_unique<net::Wait>();
      wait->start = [&ask = deps_.ask, collection, waited = waited_](std::function<void()> resume) {
        ask.Prepare(collection, [waited, resume = std::move(resume)](Status result) {
          waited->result = std::move(result);
          waited->prepared = true;
          resume();
        });
      };
      wait->most_millis = request.deadline.MillisLeft();
      return Json();
    }
    if (!waited_->prepared)
      return Error(ErrorCode::kTimeout, "the index is not prepared yet; the preparation continues")
          .Where(index);
    TRINE_TRY(waited_->result);
    const auto embedder = deps_.ask.EmbedderFor(collection);
    TRINE_CHECK(embedder != nullptr);
    Json out;
    out.Set("embedder", embedder->name());
    out.Set("version", embedder->version());
    return out;
  }

  Result<Json> RolesOfIndex(const net::Request& request, const std::string& index) {
    if (request.method != "GET")
      return Error(ErrorCode::kInvalid, "wrong method: expected GET").Got(request.method).Where(request.path);
    TRINE_ASSIGN(const auto collection, ResolveIndex(deps_, request, index));
    Json out;
    out.Set("index", collection->name);
    TRINE_TRY(AddRoles(*collection, &out));
    return out;
  }

  Status AddRoles(const catalogue::Collection& collection, Json* out) const {
    const auto binding = deps_.catalogue.BindingOf(collection.name);
    TRINE_ASSIGN(const auto declared, deps_.declared_roles.Of(collection.name));
    TRINE_ASSIGN(const auto roles,
                 formation::SampleRoles(deps_.records, collection, binding ? &*binding : nullptr, declared));
    SetRoles(roles, out);
    return Ok();
  }

  Result<Json> Bindings(const net::Request& request, const std::string& index) {
    TRINE_ASSIGN(const auto collection, deps_.catalogue.ResolveOne(index));
    if (request.method == "PUT") {
      TRINE_ASSIGN(const Json json, format::ParseStrictJson(request.body));
      TRINE_TRY(PutBinding(*collection, json));
    } else if (request.method != "GET") {
      return Error(ErrorCode::kInvalid, "wrong method: expected GET or PUT").Got(request.method);
    }
    const auto binding = deps_.catalogue.BindingOf(collection->name);
    if (!binding)
      return Error(ErrorCode::kNotFound, "the index is not bound to a dataset group").Where(index);
    Json out = BindingJson(*binding);
    TRINE_TRY(AddRoles(*collection, &out));
    return out;
  }

  Json BindingJson(const catalogue::Binding& binding) const {
    Json out, fields(Json::Object{});
    const auto group = deps_.resources.GroupOf(binding.group);
    out.Set("index", binding.collection);
    out.Set("dataset_group", group ? group->path : "");
    out.Set("item_id_field", binding.item_id_field);
    for (const auto& [attribute, field] : binding.fields) fields.Set(attribute, field);
    out.Set("fields", std::move(fields));
    return out;
  }

  Json AllBindings() const {
    Json out, list(Json::Array{});
    for (const auto& collection : deps_.catalogue.All()) {
      if (const auto binding = deps_.catalogue.BindingOf(collection->name)) list.Push(BindingJson(*binding));
    }
    out.Set("bindings", std::move(list));
    return out;
  }

  Status PutBinding(const catalogue::Collection& collection, const Json& json) {
    BodyReader body(json);
    catalogue::Binding binding;
    binding.collection = collection.name;
    TRINE_ASSIGN(const std::string path,
                 GroupPath(deps_.read_name, body.Text("dataset_group_arn", true), "dataset_group_arn"));
    binding.item_id_field = body.Text("item_id_field", false, 255);
    if (const Json* fields = body.Object("fields"); fields != nullptr) {
      for (const auto& [attribute, field] : fields->object()) {
        if (!field.is_string() || binding.fields.size() >= 200)
          return body.Wrong("fields", "an object with at most 200 field paths");
        binding.fields.emplace_back(attribute, field.string());
      }
    }
    const Json* roles = body.Object("roles");
    const std::string currency = body.Text("currency", false, 16);
    TRINE_TRY(body.Done());
    catalogue::RoleDeclarations declared;
    if (roles != nullptr || !currency.empty()) {
      TRINE_ASSIGN(declared, catalogue::ReadRoleDeclarations(json, "binding"));
    }
    TRINE_TRY(catalogue::CheckRoleFields(declared, collection.mapping, "binding"));
    const auto group = deps_.resources.Get(recommend::ResourceKind::kDatasetGroup, path);
    if (!group) {
      TRINE_TRY(deps_.resources.Readable(recommend::ResourceKind::kDatasetGroup, path));
      return Error(ErrorCode::kNotFound, "unknown dataset group").Where("dataset_group_arn").Got(path);
    }
    binding.group = group->group;
    TRINE_TRY(CheckBindingFields(collection.mapping, binding));
    return deps_.writer.Bind(std::move(binding), &declared);
  }

  const Dependencies& deps_;
  std::shared_ptr<Waited> waited_;                  // nullptr: the request has not waited
  std::function<Status(net::BodyWriter&)> stream_;  // writes the answer, in place of the handler's result
};

net::Response Answer(const Dependencies& deps, const net::Request& request, std::shared_ptr<Waited> waited) {
  Handlers handlers(deps, std::move(waited));
  auto answer = handlers.Route(request);
  if (!answer.ok()) return ErrorResponse(answer.error());
  if (!handlers.wait) return *std::move(answer);
  net::Response response;
  handlers.wait->then = [&deps, &request, waited = handlers.waited()] {
    return Answer(deps, request, waited);
  };
  response.wait = std::move(handlers.wait);
  return response;
}

}  // namespace

Api::Api(Dependencies deps) : deps_(std::move(deps)) {}

bool Api::Owns(const net::Request& head) { return head.path.starts_with(kPrefix); }

net::RequestPlan Api::Plan(const net::Request& head) const {
  const auto parts = head.PathSegments();
  if (parts.ok() && parts->size() == 3 && (*parts)[1] == "roles")
    return {net::RequestClass::kAdmin, net::Access::kRead, limits::kMaxCallBodyBytes};
  if (!parts.ok() || parts->size() != 2) return {};
  // Signs of life are answered by the event loop, so that busy pools do not look like a dead server.
  const std::string& name = (*parts)[1];
  if (IsProbe(head) && name == "live")
    return {net::RequestClass::kAdmin, net::Access::kNone, kMaxProbeBodyBytes, true};
  if (name == "health" || name == "ready")
    return {net::RequestClass::kAdmin, net::Access::kRead, kMaxProbeBodyBytes, IsProbe(head)};
  const Handlers::Endpoint* endpoint = Handlers::FindEndpoint((*parts)[1]);
  return endpoint == nullptr ? net::RequestPlan() : endpoint->plan;
}

net::Response Api::Handle(const net::Request& request) const {
  TRINE_DCHECK(Owns(request));
  return Answer(deps_, request, nullptr);
}

}  // namespace trine::api::native
