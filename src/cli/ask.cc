// `trine ask` and `trine search`.
#include <cstdio>

#include "base/text.h"
#include "cli/connection.h"
#include "cli/invocation.h"
#include "cli/print.h"
#include "cli/usage.h"
#include "format/text.h"

namespace trine::cli {
namespace {

using format::Json;

void PrintAnswer(const Json& answer, const std::vector<std::string>& titles) {
  std::printf("%s\n\n", PrintableText(answer.FindPath("answer.text"), true).c_str());
  size_t rank = 0;
  if (const Json* items = answer.Find("items"); items != nullptr && items->is_array()) {
    for (const Json& item : items->array()) {
      std::printf("%2zu. %s  %s\n", ++rank, PrintableText(item.Find("item_id")).c_str(),
                  TitleOf(item.Find("source"), titles).c_str());
      std::printf("    %s\n", PrintableText(item.FindPath("reason.text")).c_str());
      if (const Json* moves = item.FindPath("ledger.moves"); moves != nullptr && moves->is_array()) {
        std::printf("   ");
        for (const Json& move : moves->array()) {
          std::printf(" %s %+.4f", PrintableText(move.Find("by")).c_str(),
                      move.Find("amount") != nullptr ? move.Find("amount")->number() : 0.0);
        }
        std::printf("\n");
      }
    }
  }
  std::printf("\nanswer by %s, intent by %s\n", PrintableText(answer.FindPath("answer.provider")).c_str(),
              PrintableText(answer.FindPath("intent.provider")).c_str());
  std::printf("weight %s (%s)\n", PrintableText(answer.FindPath("weight.value")).c_str(),
              PrintableText(answer.FindPath("weight.why")).c_str());
  if (const Json* stages = answer.Find("stages"); stages != nullptr && stages->is_array()) {
    for (const Json& stage : stages->array()) {
      std::printf("%s %s ms %s%s%s; ", PrintableText(stage.Find("name")).c_str(),
                  PrintableText(stage.Find("ms")).c_str(), PrintableText(stage.Find("status")).c_str(),
                  PrintableText(stage.Find("why")).empty() ? "" : ": ",
                  PrintableText(stage.Find("why")).c_str());
    }
    std::printf("\n");
  }
}

int Print(const Invocation& invocation, Connection& connection, const std::string& index,
          const Result<Json>& answer, void (*show)(const Json&, const std::vector<std::string>& titles)) {
  if (!answer.ok()) return Fail(answer.error());
  if (invocation.json)
    PrintDocument(*answer);
  else
    show(*answer, TitleFields(connection, index));
  return kDone;
}

void PrintHits(const Json& answer, const std::vector<std::string>& titles) {
  std::printf("%s hits, %s ms\n", PrintableText(answer.FindPath("hits.total.value")).c_str(),
              PrintableText(answer.Find("took")).c_str());
  const Json* hits = answer.FindPath("hits.hits");
  if (hits == nullptr || !hits->is_array()) return;
  for (const Json& hit : hits->array()) {
    std::printf("%10s  %s  %s\n", PrintableText(hit.Find("_score")).c_str(),
                PrintableText(hit.Find("_id")).c_str(), TitleOf(hit.Find("_source"), titles).c_str());
  }
}

// Option validators: return an empty string for a valid value, else an error message.
std::string NotBlank(const std::string& text) { return IsBlank(text) ? "the question is empty" : ""; }

std::string IsWeight(const std::string& text) {
  const auto weight = format::ParseDouble(text);
  if (text == "auto" || (weight && *weight >= 0 && *weight <= 1)) return "";
  return Expected("a number from 0 to 1, or auto", text);
}

}  // namespace

void RegisterAsk(CLI::App* app, Invocation* invocation) {
  struct Options {
    std::string question, user, session, index, campaign, weight = "auto", language = "auto";
    size_t size = 5;
  };
  auto o = std::make_shared<Options>();
  CLI::App* ask = app->add_subcommand(
      "ask",
      "Ask a question in Korean or English. Prints the answer, each item with a reason, and the pipeline's "
      "stages.\n\n  trine ask \"이번 주말 뭐 입을까요?\" --user user_street --index products --url "
      "http://127.0.0.1:9200\n");
  ask->add_option("question", o->question, "the question")->required()->check(NotBlank, "");
  ask->add_option("--user", o->user, "id of the user who asks");
  ask->add_option("--session", o->session, "session id, for users without a user id");
  ask->add_option("--index", o->index, "index of the products")->required();
  ask->add_option("--campaign", o->campaign, "campaign for personalisation, by name or ARN");
  ask->add_option("--weight", o->weight, "weight of personalisation: 0 to 1, or auto")
      ->check(IsWeight, "")
      ->capture_default_str();
  ask->add_option("--language", o->language, "language of the answer: ko, en or auto")
      ->check(OneOf({"ko", "en", "auto"}), "")
      ->capture_default_str();
  ask->add_option("--size", o->size, "number of items")
      ->check(IntegerFrom(1, 100), "")
      ->capture_default_str();
  AddTargetOptions(ask, invocation);
  ask->callback([o, invocation] {
    invocation->run = [o, invocation] {
      auto connection = Connection::Open(*invocation);
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
      if (invocation->url.empty()) {
        // Needed because a server that this command has just started has no vocabulary yet; it would use only
        // the question's own words.
        Json prepare;
        prepare.Set("index", o->index);
        static_cast<void>((*connection)->Call("POST", "/_trine/prepare", prepare));
      }
      return Print(*invocation, **connection, o->index, (*connection)->Call("POST", "/_trine/ask", body),
                   PrintAnswer);
    };
  });
}

void RegisterSearch(CLI::App* app, Invocation* invocation) {
  struct Options {
    std::string text, index, fields, pipeline, user;
    size_t size = 10;
  };
  auto o = std::make_shared<Options>();
  CLI::App* search =
      app->add_subcommand("search",
                          "Search an index for words and print the hits.\n\n  trine search \"무선 "
                          "이어폰\" --index products --fields title^2,description\n");
  search->add_option("text", o->text, "the words to search for")->required();
  search->add_option("--index", o->index, "index to search")->required();
  search->add_option("--fields", o->fields,
                     "fields with optional boosts, separated by commas; default: every text field, with a "
                     "boost of 3 on those with the role title");
  search->add_option("--pipeline", o->pipeline, "name of a search pipeline");
  search->add_option("--user", o->user, "id of the user for whom the pipeline re-ranks the hits");
  search->add_option("--size", o->size, "number of hits")
      ->check(IntegerFrom(0, 10'000), "")
      ->capture_default_str();
  AddTargetOptions(search, invocation);
  search->callback([o, invocation] {
    invocation->run = [o, invocation] {
      auto connection = Connection::Open(*invocation);
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
        // A match in a product's name is more significant than one in its description.
        Json fields(Json::Array{});
        for (const std::string& title : TitleFields(**connection, o->index)) fields.Push(title + "^3");
        fields.Push("*");
        match.Set("type", "most_fields");
        match.Set("fields", std::move(fields));
      }
      body.Set("query", Json{}).Set("multi_match", std::move(match));
      body.Set("size", static_cast<uint64_t>(o->size));
      if (!o->user.empty())
        body.Set("ext", Json{}).Set("personalize_request_parameters", Json{}).Set("user_id", o->user);
      std::string path = "/" + format::PercentEncode(o->index) + "/_search";
      if (!o->pipeline.empty()) path += "?search_pipeline=" + format::PercentEncode(o->pipeline);
      return Print(*invocation, **connection, o->index, (*connection)->Call("POST", path, body), PrintHits);
    };
  });
}

}  // namespace trine::cli
