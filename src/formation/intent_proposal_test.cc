#include "formation/intent_proposal.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "format/json.h"
#include "language/intent.h"

namespace trine::formation {
namespace {

using language::QueryIntent;
using language::UncheckedPart;

struct IntentProposalTest : ::testing::Test {
  std::unique_ptr<analysis::Analyzers> analyzers = analysis::NewAnalyzers({}).value();
  std::shared_ptr<const language::Vocabulary> vocabulary = [this] {
    language::VocabularyBuilder builder(*analyzers);
    for (int i = 0; i < 4; ++i) {
      builder.Add({"Black Hoodie"}, {{"category", "Hoodies"}, {"colour", "Black"}, {"brand", "Pinewood"}});
      builder.Add({"White Sweatshirt"},
                  {{"category", "Sweatshirts"}, {"colour", "White"}, {"brand", "Oakland"}});
      builder.Add({"Leather Sneakers"},
                  {{"category", "Sneakers"}, {"colour", "Black"}, {"brand", "Oakland"}});
    }
    return builder.Build();
  }();

  QueryIntent Parse(const std::string& question) {
    return language::ParseIntent(question, vocabulary.get(), *analyzers);
  }
  // The intent after the proposal, and what was kept.
  QueryIntent Adopt(const std::string& question, const std::string& json, bool has_price = true) {
    QueryIntent intent = Parse(question);
    const auto proposal = ReadIntentProposal(json);
    EXPECT_TRUE(proposal.ok()) << proposal.error().ToString();
    kept = AdoptProposal(question, *proposal, vocabulary.get(), has_price, &intent);
    return intent;
  }
  std::vector<std::string> kept;
};

bool HasValue(const language::FacetValues& facets, const std::string& value) {
  for (const auto& [field, values] : facets) {
    for (const std::string& one : values) {
      if (one == value) return true;
    }
  }
  return false;
}

TEST_F(IntentProposalTest, ReadsOnlyBoundedObjectsOfTheSchema) {
  EXPECT_TRUE(ReadIntentProposal("{}").ok());
  EXPECT_TRUE(ReadIntentProposal("Here you are:\n```json\n{\"values\": [\"hoodie\"]}\n```").ok());
  EXPECT_TRUE(ReadIntentProposal(R"({"values":null,"price":null,"sort":"newest"})").ok());
  const auto many =
      ReadIntentProposal(R"({"expansions":["a","b","c","d","e","f","g","h","i","j","k","l","m",)"
                         R"("n","o","p","q","r","s"]})");
  ASSERT_TRUE(many.ok());
  EXPECT_EQ(many->expansions.size(), IntentProposal::kMaxWords);
  const auto folded = ReadIntentProposal(R"({"values":[" Black ","",")" + std::string(65, 'x') + R"("]})");
  ASSERT_TRUE(folded.ok());
  EXPECT_EQ(folded->values, std::vector<std::string>{"black"});
  for (const std::string& rubbish :
       {std::string(), std::string("I cannot do that."), std::string("{\"values\": ["), std::string("}{"),
        std::string("[1]"), std::string(R"({"values":"hoodie"})"), std::string(R"({"values":[7]})"),
        std::string(R"({"excluded":{}})"), std::string(R"({"expansions":[null]})"),
        std::string(R"({"price":5})"), std::string(R"({"price":{"max":"cheap"}})"),
        "{\"values\":[\"" + std::string(20'000, 'x') + "\"]}", std::string("{\"values\":[\"\xff\"]}"),
        std::string(40, '[') + "{" + std::string(40, '[')}) {
    const auto read = ReadIntentProposal(rubbish);
    ASSERT_FALSE(read.ok()) << rubbish.substr(0, 100);
    EXPECT_EQ(read.error().kind(), ErrorKind::kInvalid);
    EXPECT_FALSE(read.error().expected.empty());
  }
}

TEST_F(IntentProposalTest, SchemaIsJson) { EXPECT_TRUE(format::ParseJson(IntentProposalSchema()).ok()); }

TEST_F(IntentProposalTest, TypingMistakesBecomeWordsOfTheCatalogue) {
  const QueryIntent intent = Adopt("black hooodies", R"({"values":["black","hoodies"]})");
  EXPECT_TRUE(HasValue(intent.facets, "Hoodies"));
  EXPECT_TRUE(HasValue(intent.facets, "Black"));
  ASSERT_EQ(kept.size(), 1u) << "black was found by the built-in rules";
  EXPECT_EQ(kept[0], "the word \"hooodies\" as \"hoodies\"");
}

TEST_F(IntentProposalTest, ValuesThatTheQuestionDoesNotNameAreDropped) {
  for (const char* proposal : {R"({"values":["sneakers"]})", R"({"values":["white"]})",
                               R"({"values":["pinewood"]})", R"({"values":["nowhere"]})"}) {
    const QueryIntent before = Parse("black hoodies"), after = Adopt("black hoodies", proposal);
    EXPECT_EQ(after.facets, before.facets) << proposal;
    EXPECT_EQ(after.keywords, before.keywords) << proposal;
    EXPECT_TRUE(kept.empty()) << proposal;
  }
}

TEST_F(IntentProposalTest, SecondValueOfAKindDoesNotWidenACondition) {
  const QueryIntent before = Parse("black hoodies");
  ASSERT_TRUE(HasValue(before.facets, "Black"));
  // "whitee" is close to a colour, but the question has one.
  const QueryIntent after = Adopt("black hoodies whitee", R"({"values":["white"]})");
  EXPECT_FALSE(HasValue(after.facets, "White"));
}

TEST_F(IntentProposalTest, ShortNamesAreNotTakenForTypingMistakes) {
  // A brand that the shop lacks, and a word of the catalogue that differs in a letter.
  const QueryIntent after = Adopt("blaco hoodies", R"({"values":["black"]})");
  const QueryIntent far = Adopt("lack hoodies", R"({"values":["black"]})");
  EXPECT_FALSE(HasValue(far.facets, "Black"));
  EXPECT_TRUE(HasValue(after.facets, "Black"));
}

TEST_F(IntentProposalTest, ModelsCannotRemoveConditions) {
  const QueryIntent before = Parse("black hoodies under 50 dollars without leather");
  const QueryIntent after = Adopt("black hoodies under 50 dollars without leather",
                                  R"({"values":[],"excluded":[],"price":{"min":null,"max":null}})");
  EXPECT_EQ(after.facets, before.facets);
  EXPECT_EQ(after.excluded_words, before.excluded_words);
  EXPECT_EQ(after.price.max, before.price.max);
  const QueryIntent other = Adopt("black hoodies under 50 dollars", R"({"price":{"min":1,"max":1000000}})");
  EXPECT_EQ(other.price.max, before.price.max);
  EXPECT_FALSE(other.price.min);
}

TEST_F(IntentProposalTest, PricesNeedAnAmountThatTheRulesReadWithoutABound) {
  QueryIntent intent;
  intent.language = "en";
  intent.unchecked.push_back({language::kPricePart, "50 dollars", UncheckedPart::About::kPrice});
  const auto adopt = [&](std::optional<double> min, std::optional<double> max, bool has_price = true) {
    QueryIntent copy = intent;
    IntentProposal proposal;
    proposal.min_price = min;
    proposal.max_price = max;
    kept = AdoptProposal("hoodies, my limit 50 dollars", proposal, vocabulary.get(), has_price, &copy);
    return copy;
  };
  const QueryIntent most = adopt({}, 50);
  EXPECT_EQ(most.price.max, 50);
  EXPECT_TRUE(most.unchecked.empty());
  EXPECT_EQ(kept, std::vector<std::string>{"the amount \"50 dollars\" as a maximum"});
  for (const QueryIntent& other :
       {adopt({}, 49), adopt(50, 60), adopt(1, 50), adopt({}, {}), adopt({}, 50, false)}) {
    EXPECT_TRUE(other.price.empty());
    EXPECT_EQ(other.unchecked.size(), 1u);
  }
  // Two amounts are a range, or alternatives of which one may not be dropped.
  intent.unchecked.push_back({language::kPricePart, "20 dollars", UncheckedPart::About::kPrice});
  EXPECT_TRUE(adopt({}, 50).price.empty());
  EXPECT_TRUE(adopt(50, 20).price.empty());
  EXPECT_EQ(adopt(20, 50).price.min, 20);
  // An amount in another currency stays out.
  intent.unchecked.push_back({language::kPricePart, "20 dollars", UncheckedPart::About::kCurrency});
  EXPECT_TRUE(adopt(20, 50).price.empty());
}

TEST_F(IntentProposalTest, ExclusionsNeedARefusalThatTheRulesSaw) {
  QueryIntent intent;
  intent.language = "en";
  intent.keywords = {"hoodie"};
  IntentProposal proposal;
  proposal.excluded = {"black", "hoodie", "white", "nowhere"};
  EXPECT_TRUE(AdoptProposal("ew, black", proposal, vocabulary.get(), true, &intent).empty());
  EXPECT_TRUE(intent.excluded.empty());
  intent.unchecked.push_back({"black", "black", UncheckedPart::About::kRefusal});
  EXPECT_EQ(AdoptProposal("ew, black", proposal, vocabulary.get(), true, &intent),
            std::vector<std::string>{"the refusal of \"black\""});
  EXPECT_TRUE(HasValue(intent.excluded, "Black"));
  EXPECT_FALSE(HasValue(intent.excluded, "White"));
  EXPECT_TRUE(intent.excluded_words.empty());
  EXPECT_TRUE(intent.unchecked.empty());
}

TEST_F(IntentProposalTest, ExpansionsAreWordsOfTheCatalogueAndFew) {
  const QueryIntent after =
      Adopt("hoodies without leather", R"({"expansions":["sweatshirt","leather","jumper","Sweatshirt"]})");
  EXPECT_EQ(kept, std::vector<std::string>{"the expansion \"sweatshirt\""});
  EXPECT_EQ(std::count(after.expansions.begin(), after.expansions.end(), "leather"), 0);
  language::VocabularyBuilder builder(*analyzers);
  std::string titles, list;
  for (int i = 0; i < 12; ++i) {
    titles += " word" + std::to_string(i);
    list += (i == 0 ? "\"word" : ",\"word") + std::to_string(i) + "\"";
  }
  builder.Add({titles}, {});
  const auto words = builder.Build();
  QueryIntent intent = Parse("hoodies");
  intent.expansions.clear();
  const auto proposal = ReadIntentProposal("{\"expansions\":[" + list + "]}");
  ASSERT_TRUE(proposal.ok());
  AdoptProposal("hoodies", *proposal, words.get(), true, &intent);
  EXPECT_EQ(intent.expansions.size(), 8u);
}

TEST_F(IntentProposalTest, NothingIsAddedWithoutAVocabulary) {
  QueryIntent intent;
  IntentProposal proposal;
  proposal.values = proposal.excluded = proposal.expansions = {"hoodies"};
  EXPECT_TRUE(AdoptProposal("hoodies", proposal, nullptr, true, &intent).empty());
}

}  // namespace
}  // namespace trine::formation
