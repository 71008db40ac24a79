// Answers as server-sent events.
#include "api/native/ask_stream.h"

#include <gtest/gtest.h>

#include "test/support/ask_shop.h"

namespace trine::api::native {
namespace {

using format::Json;
using test::AskShop;
using test::ScriptedTurn;

struct Event {
  std::string name;
  Json data;
};

// Collects a body, until it refuses pieces as a connection does whose client is gone.
class Body final : public net::BodyWriter {
 public:
  explicit Body(size_t pieces = SIZE_MAX) : pieces_(pieces) {}
  Status Write(std::string_view piece) override {
    if (written_ >= pieces_) return Error(ErrorCode::kUnavailable, "the client closed the connection");
    if (!piece.empty()) ++written_;
    text_ += piece;
    return Ok();
  }
  // Reads the body as a browser does.
  std::vector<Event> Events() const {
    std::vector<Event> events;
    size_t at = 0;
    while (at < text_.size()) {
      const size_t end = text_.find("\n\n", at);
      EXPECT_NE(end, std::string::npos) << "an event does not end";
      if (end == std::string::npos) break;
      const std::string message = text_.substr(at, end - at);
      const size_t line = message.find('\n');
      EXPECT_TRUE(message.starts_with("event: ")) << message;
      EXPECT_TRUE(line != std::string::npos && message.substr(line + 1).starts_with("data: ")) << message;
      EXPECT_EQ(message.find('\n', line + 1), std::string::npos) << message;
      auto data = format::ParseJson(message.substr(line + 7));
      EXPECT_TRUE(data.ok()) << message;
      events.push_back({message.substr(7, line - 7), data.ok() ? *std::move(data) : Json()});
      at = end + 2;
    }
    return events;
  }
  size_t written() const { return written_; }

 private:
  const size_t pieces_;
  size_t written_ = 0;
  std::string text_;
};

AskRequest Question(const AskShop& shop) {
  AskRequest request;
  request.call = shop.Call();
  request.stream = true;
  return request;
}

std::string NamesOf(const std::vector<Event>& events) {
  std::string names;
  for (const Event& event : events) names += (names.empty() ? "" : " ") + event.name;
  return names;
}

std::string TextOf(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) {
    if (event.name == "sentence") text += event.data.Find("text")->string();
  }
  return text;
}

TEST(AskStreamTest, EventsAddUpToTheAnswer) {
  for (const bool with_model : {false, true}) {
    AskShop shop({}, with_model);
    shop.model->SetScript([](const language::ChatRequest& request) -> ScriptedTurn {
      if (!test::AsksForAnswer(request)) return {{"{}"}};
      return {{"The Red Chair ", "costs 10.\n", "The Blue Chair costs 12."}};
    });
    Body body;
    ASSERT_TRUE(StreamAnswer(*shop.ask, Question(shop), {})(body).ok());
    const std::vector<Event> events = body.Events();
    if (with_model) {
      EXPECT_EQ(NamesOf(events), "intent items sentence sentence done");
    }
    ASSERT_GE(events.size(), 4u);
    EXPECT_EQ(events[0].name, "intent");
    EXPECT_NE(events[0].data.Find("keywords"), nullptr);
    EXPECT_EQ(events[1].name, "items");
    const Json& done = events.back().data;
    EXPECT_EQ(events.back().name, "done");
    EXPECT_EQ(*events[1].data.Find("items"), *done.Find("items"));
    EXPECT_EQ(TextOf(events), done.FindPath("answer.text")->string());
    EXPECT_EQ(done.FindPath("answer.provider")->string(), with_model ? "scripted" : "builtin");
    Json citations(Json::Array{});
    for (const Event& event : events) {
      if (event.name != "sentence") continue;
      for (const Json& one : event.data.Find("citations")->array()) citations.Push(one);
    }
    EXPECT_EQ(citations, *done.FindPath("answer.citations"));
    EXPECT_FALSE(citations.array().empty());
    const auto whole = shop.ask->Ask(shop.Call(), {});
    ASSERT_TRUE(whole.ok());
    EXPECT_EQ(done.FindPath("answer.text")->string(), whole->answer.text);
  }
}

TEST(AskStreamTest, CostsArePartOfTheStagesExceptForPublicCallers) {
  AskShop shop;
  shop.model->Say("The Red Chair costs 10.");
  for (const bool costs : {true, false}) {
    AskRequest request = Question(shop);
    request.view.costs = costs;
    Body body;
    ASSERT_TRUE(StreamAnswer(*shop.ask, std::move(request), {})(body).ok());
    const Json done = body.Events().back().data;
    const Json& stage = done.Find("stages")->array().back();
    EXPECT_EQ(stage.Find("name")->string(), "answer");
    ASSERT_EQ(stage.Find("model") != nullptr, costs);
    if (costs) {
      EXPECT_EQ(format::ToString(*stage.Find("model")),
                R"({"calls":1,"input_tokens":10,"output_tokens":20,"cost":0.5,"ms":0.0,"cached":false})");
    }
  }
}

TEST(AskStreamTest, WorkEndsWhenTheClientIsGone) {
  for (size_t pieces = 0; pieces < 4; ++pieces) {
    AskShop shop;
    shop.model->SetScript([](const language::ChatRequest& request) -> ScriptedTurn {
      if (!test::AsksForAnswer(request)) return {{"{}"}};
      ScriptedTurn turn{{"The Red Chair costs 10. "}};
      turn.endless = true;
      return turn;
    });
    Body body(pieces);
    const Status streamed = StreamAnswer(*shop.ask, Question(shop), {})(body);
    ASSERT_FALSE(streamed.ok()) << "the response is incomplete";
    EXPECT_EQ(streamed.error().message, "the client closed the connection");
    EXPECT_EQ(body.written(), pieces);
    EXPECT_LE(shop.model->requests().size(), pieces < 2 ? 1u : 2u);
  }
}

TEST(AskStreamTest, ErrorIsTheLastEvent) {
  AskShop shop;
  Body body;
  AskStream stream(body, {});
  ASSERT_TRUE(stream.Finish(Error(ErrorCode::kCorrupt, "stored data are damaged").Where("products")).ok());
  const std::vector<Event> events = body.Events();
  ASSERT_EQ(NamesOf(events), "error");
  EXPECT_EQ(events[0].data.FindPath("error.kind")->string(), "corrupt");
  EXPECT_EQ(events[0].data.FindPath("error.where")->string(), "products");
}

TEST(AskStreamTest, ResponseIsAnEventStream) {
  const net::Response response = EventStreamResponse([](net::BodyWriter&) { return Ok(); });
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.Get("content-type"), "text/event-stream");
  EXPECT_EQ(response.headers.Get("cache-control"), "no-cache");
  EXPECT_TRUE(response.stream);
}

}  // namespace
}  // namespace trine::api::native
