// `trine ask`, `trine search`, `trine recommend`: the wings together, and two of them alone.
#include <cstdio>

#include "cli/session.h"
#include "format/text.h"

namespace trine::cli {
namespace {

using format::Json;

// Catalogues and models are others' words: no byte of them steers the terminal.
std::string Text(const Json* value, bool keep_newlines = false) {
  if (value == nullptr || value->is_null()) return "";
  return format::Printable(value->is_string() ? value->string() : format::ToString(*value), keep_newlines);
}

// What a person would call an item: its title in any of the usual fields.
std::string TitleOf(const Json* source) {
  if (source == nullptr) return "";
  for (const char* field : {"title", "name", "TITLE", "NAME", "Description", "PRODUCT_DESCRIPTION"}) {
    if (const Json* title = source->Find(field); title != nullptr && title->is_string()) return Text(title);
  }
  return "";
}

void PrintDocument(const Json& value) {
  std::printf("%s\n", format::ToString(value, {.pretty = true}).c_str());
}

void PrintAnswer(const Json& answer) {
  std::printf("%s\n\n", Text(answer.FindPath("answer.text"), true).c_str());
  size_t rank = 0;
  if (const Json* items = answer.Find("items"); items != nullptr && items->is_array()) {
    for (const Json& item : items->array()) {
      std::printf("%2zu. %s  %s\n", ++rank, Text(item.Find("item_id")).c_str(),
                  TitleOf(item.Find("source")).c_str());
      std::printf("    %s\n", Text(item.FindPath("reason.text")).c_str());
      if (const Json* moves = item.FindPath("ledger.moves"); moves != nullptr && moves->is_array()) {
        std::printf("   ");
        for (const Json& move : moves->array()) {
          std::printf(" %s %+.4f", Text(move.Find("by")).c_str(),
                      move.Find("amount") != nullptr ? move.Find("amount")->number() : 0.0);
        }
        std::printf("\n");
      }
    }
  }
  std::printf("\nweight %s (%s)\n", Text(answer.FindPath("weight.value")).c_str(),
              Text(answer.FindPath("weight.why")).c_str());
  if (const Json* stages = answer.Find("stages"); stages != nullptr && stages->is_array()) {
    for (const Json& stage : stages->array()) {
      std::printf("%s %s ms %s%s%s; ", Text(stage.Find("name")).c_str(), Text(stage.Find("ms")).c_str(),
                  Text(stage.Find("status")).c_str(), Text(stage.Find("why")).empty() ? "" : ": ",
                  Text(stage.Find("why")).c_str());
    }
    std::printf("\n");
  }
}

int Print(const Session& session, const Result<Json>& answer, void (*show)(const Json&)) {
  if (!answer.ok()) return Fail(answer.error());
  if (session.json)
    PrintDocument(*answer);
  else
    show(*answer);
  return kDone;
}

void PrintHits(const Json& answer) {
  std::printf("%s hits, %s ms\n", Text(answer.FindPath("hits.total.value")).c_str(),
              Text(answer.Find("took")).c_str());
  const Json* hits = answer.FindPath("hits.hits");
  if (hits == nullptr || !hits->is_array()) return;
  for (const Json& hit : hits->array()) {
    std::printf("%10s  %s  %s\n", Text(hit.Find("_score")).c_str(), Text(hit.Find("_id")).c_str(),
                TitleOf(hit.Find("_source")).c_str());
  }
}

void PrintItems(const Json& answer) {
  const Json* items = answer.Find("itemList");
  if (items == nullptr) items = answer.Find("personalizedRanking");
  if (items == nullptr || !items->is_array()) return;
  for (const Json& item : items->array())
    std::printf("%10s  %s\n", Text(item.Find("score")).c_str(), Text(item.Find("itemId")).c_str());
}

}  // namespace

void RegisterAsk(CLI::App* app, Session* session) {
  struct Options {
    std::string question, user, session, index, campaign, weight = "auto", language = "auto";
    size_t size = 5;
  };
  auto o = std::make_shared<Options>();
  CLI::App* ask = app->add_subcommand(
      "ask",
      "Ask a question as a person; prints the answer, the items with reasons, and the stages.\n\n  trine ask "
      "\"이번 주말 뭐 입을까요?\" --user user_street --index products --url http://127.0.0.1:9200\n");
  ask->add_option("question", o->question, "the sentence")->required();
  ask->add_option("--user", o->user, "user id");
  ask->add_option("--session", o->session, "session id");
  ask->add_option("--index", o->index, "index of the products")->required();
  ask->add_option("--campaign", o->campaign, "campaign name or ARN");
  ask->add_option("--weight", o->weight, "0..1, or auto")->capture_default_str();
  ask->add_option("--language", o->language, "ko, en or auto")->capture_default_str();
  ask->add_option("--size", o->size, "items")->capture_default_str();
  AddTargetOptions(ask, session);
  ask->callback([o, session] {
    session->run = [o, session] {
      auto connection = Connection::Open(*session);
      if (!connection.ok()) return Fail(connection.error());
      Json body;
      body.Set("question", o->question);
      body.Set("index", o->index);
      body.Set("size", static_cast<uint64_t>(o->size));
      body.Set("language", o->language);
      if (!o->user.empty()) body.Set("user_id", o->user);
      if (!o->session.empty()) body.Set("session_id", o->session);
      if (!o->campaign.empty()) body.Set("campaign", o->campaign);
      const auto weight = format::ParseDouble(o->weight);
      body.Set("weight", weight ? Json(*weight) : Json(o->weight));
      if (session->url.empty()) {
        // A server of our own has read nothing yet, and nobody waits for it but this question.
        Json prepare;
        prepare.Set("index", o->index);
        static_cast<void>((*connection)->Call("POST", "/_trine/prepare", prepare));
      }
      return Print(*session, (*connection)->Call("POST", "/_trine/ask", body), PrintAnswer);
    };
  });
}

void RegisterSearch(CLI::App* app, Session* session) {
  struct Options {
    std::string text, index, fields, pipeline, user;
    size_t size = 10;
  };
  auto o = std::make_shared<Options>();
  CLI::App* search = app->add_subcommand("search",
                                         "Search alone: words in, hits out.\n\n  trine search \"무선 "
                                         "이어폰\" --index products --fields title^2,description\n");
  search->add_option("text", o->text, "the words")->required();
  search->add_option("--index", o->index, "index to search")->required();
  search->add_option(
      "--fields", o->fields,
      "fields with boosts, comma between; default: every text field, titles and names threefold");
  search->add_option("--pipeline", o->pipeline, "search pipeline");
  search->add_option("--user", o->user, "user id for a re-ranking pipeline");
  search->add_option("--size", o->size, "hits")->capture_default_str();
  AddTargetOptions(search, session);
  search->callback([o, session] {
    session->run = [o, session] {
      auto connection = Connection::Open(*session);
      if (!connection.ok()) return Fail(connection.error());
      Json match, body;
      match.Set("query", o->text);
      if (!o->fields.empty()) {
        Json fields(Json::Array{});
        std::string_view rest = o->fields;
        while (!rest.empty()) {
          const size_t comma = rest.find(',');
          fields.Push(std::string(rest.substr(0, comma)));
          rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
        }
        match.Set("fields", std::move(fields));
      } else {
        // What a product is called says more than what is told about it.
        match.Set("type", "most_fields");
        match.Set("fields", Json::Array{"*title*^3", "*name*^3", "*"});
      }
      body.Set("query", Json{}).Set("multi_match", std::move(match));
      body.Set("size", static_cast<uint64_t>(o->size));
      if (!o->user.empty())
        body.Set("ext", Json{}).Set("personalize_request_parameters", Json{}).Set("user_id", o->user);
      std::string path = "/" + format::PercentEncode(o->index) + "/_search";
      if (!o->pipeline.empty()) path += "?search_pipeline=" + format::PercentEncode(o->pipeline);
      return Print(*session, (*connection)->Call("POST", path, body), PrintHits);
    };
  });
}

void RegisterRecommend(CLI::App* app, Session* session) {
  struct Options {
    std::string user, item, campaign, recommender, filter;
    size_t count = 10;
  };
  auto o = std::make_shared<Options>();
  CLI::App* recommend =
      app->add_subcommand("recommend",
                          "Recommendation alone: what for this person, or beside this item.\n\n  trine "
                          "recommend --user user_42 --campaign my-campaign\n");
  recommend->add_option("--user", o->user, "user id");
  recommend->add_option("--item", o->item, "item id, for related items");
  recommend->add_option("--campaign", o->campaign, "campaign name or ARN");
  recommend->add_option("--recommender", o->recommender, "recommender name or ARN");
  recommend->add_option("--filter", o->filter, "filter name or ARN");
  recommend->add_option("--count", o->count, "items")->capture_default_str();
  AddTargetOptions(recommend, session);
  recommend->callback([o, session] {
    session->run = [o, session] {
      if (o->campaign.empty() == o->recommender.empty())
        return Fail(Error(ErrorKind::kInvalid, "name one of --campaign and --recommender").Code("options"));
      auto connection = Connection::Open(*session);
      if (!connection.ok()) return Fail(connection.error());
      const auto arn = [](const char* kind, const std::string& name) {
        return name.rfind("arn:", 0) == 0
                   ? name
                   : "arn:aws:personalize:us-east-1:123456789012:" + std::string(kind) + "/" + name;
      };
      Json body;
      if (!o->campaign.empty()) body.Set("campaignArn", arn("campaign", o->campaign));
      if (!o->recommender.empty()) body.Set("recommenderArn", arn("recommender", o->recommender));
      if (!o->filter.empty()) body.Set("filterArn", arn("filter", o->filter));
      if (!o->user.empty()) body.Set("userId", o->user);
      if (!o->item.empty()) body.Set("itemId", o->item);
      body.Set("numResults", static_cast<uint64_t>(o->count));
      return Print(*session, (*connection)->Call("POST", "/recommendations", body), PrintItems);
    };
  });
}

}  // namespace trine::cli
