// AskShop: a small shop with an AskService, whose language model is scripted. Two people have different
// histories.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "formation/ask.h"
#include "test/support/scripted_model.h"
#include "test/support/write_engine.h"

namespace trine::test {

class AskShop {
 public:
  explicit AskShop(const formation::AskOptions& options = {}, bool with_model = true) {
    history = std::move(history::History::Open(*engine.kv, engine.log)).value();
    resources = std::move(recommend::ResourceStore::Open(*engine.kv, engine.clock, engine.log)).value();
    recommender = std::move(recommend::NewRecommender(
                                std::move(storage::OpenDirectory(folder_.path("served"))).value(), *history,
                                *engine.catalogue, *engine.records, engine.clock, engine.log, NullMetrics()))
                      .value();
    models_ = std::move(storage::OpenDirectory(folder_.path("models"))).value();
    recommend::Resource shop;
    shop.kind = recommend::ResourceKind::kDatasetGroup;
    shop.path = shop.name = "shop";
    shop.state = recommend::ResourceState::kActive;
    shop.spec = format::Json(format::Json::Object{});
    group = resources->Create(std::move(shop)).value().group;
    Put("redc", "Red Chair", "Chairs", 10, "A chair of beech wood.");
    Put("bluec", "Blue Chair", "Chairs", 12, "A chair of oak wood.");
    Put("greenc", "Green Chair", "Chairs", 14, "A chair of pine wood.");
    Put("redl", "Red Lamp", "Lamps", 20, "A lamp of glass.");
    Put("woolc", "Round Carpet", "Carpets", 30, "A carpet of wool.");
    EXPECT_TRUE(engine.writer->Bind({"products", group, "", {}}).ok());
    View("lamp_lover", "redl");
    View("carpet_lover", "woolc");
    model = std::make_unique<ScriptedModel>(engine.clock);
    ask = std::make_unique<formation::AskService>(
        formation::AskDependencies{engine.analyzers(), *engine.catalogue, *engine.records, *engine.indexes,
                                   searcher_, *history, *resources, *recommender, *models_, *models_,
                                   *runner_, engine.clock, engine.log, NullMetrics(), declared_roles, nullptr,
                                   nullptr, with_model ? model.get() : nullptr},
        options);
    Prepare();
  }
  ~AskShop() { runner_.reset(); }

  void Put(const std::string& id, const std::string& title, const std::string& category, int price,
           const std::string& description) {
    format::Json source;
    source.Set("title", title);
    source.Set("category", category);
    source.Set("price", price);
    source.Set("description", description);
    engine.Put("products", id, format::ToString(source));
  }
  void View(const std::string& user, const std::string& item) {
    history::Event event;
    event.user_id = user;
    event.item_id = item;
    event.type = "view";
    event.time = engine.clock.Now();
    EXPECT_TRUE(history->Append(group, {event}).ok());
  }
  // Builds the vocabulary of the products that are stored now.
  void Prepare() {
    std::promise<Status> prepared;
    ask->Prepare(engine.Collection("products"), [&](Status done) { prepared.set_value(std::move(done)); });
    EXPECT_TRUE(prepared.get_future().get().ok());
  }
  formation::AskCall Call(const std::string& question = "chair",
                          const std::string& user = "lamp_lover") const {
    formation::AskCall call;
    call.question = question;
    call.user_id = user;
    call.collection = engine.Collection("products");
    return call;
  }
  // Asks, and requires an answer.
  formation::AskAnswer Ask(const formation::AskCall& call) {
    auto answer = ask->Ask(call, {});
    EXPECT_TRUE(answer.ok()) << (answer.ok() ? "" : answer.error().ToString());
    return answer.ok() ? *std::move(answer) : formation::AskAnswer{};
  }

  WriteEngine engine;
  catalogue::DeclaredRoles declared_roles{*engine.kv};
  std::unique_ptr<history::History> history;
  std::unique_ptr<recommend::ResourceStore> resources;
  std::unique_ptr<recommend::Recommender> recommender;
  GroupId group;
  std::unique_ptr<ScriptedModel> model;

 private:
  TempFolder folder_;
  search::Searcher searcher_{engine.analyzers()};
  std::unique_ptr<storage::Directory> models_;
  std::unique_ptr<JobRunner> runner_ = NewThreadJobRunner(1, 16);

 public:
  std::unique_ptr<formation::AskService> ask;
};

// The part of a prompt between two tags.
inline std::string PartOfPrompt(const language::ChatRequest& request, const std::string& tag) {
  const std::string& text = request.messages.back().text;
  const size_t begin = text.find("<" + tag + ">\n"), end = text.find("\n</" + tag + ">");
  if (begin == std::string::npos || end == std::string::npos) return "";
  const size_t from = begin + tag.size() + 3;
  return end < from ? "" : text.substr(from, end - from);
}

// Whether the request asks for the answer, and not for an intent.
inline bool AsksForAnswer(const language::ChatRequest& request) { return !request.want_json; }

}  // namespace trine::test
