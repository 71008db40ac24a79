// The first stage of a question: parses its text into an intent.
#include <algorithm>
#include <cmath>

#include "base/limits.h"
#include "formation/ask_stages.h"

namespace trine::formation {

catalogue::Roles RolesWithoutData(const AskCall& call, const AskDependencies& deps,
                                  const catalogue::Binding* binding) {
  const auto declared = deps.declared_roles.Of(call.collection->name);
  return catalogue::ResolveRoles(call.collection->mapping, binding,
                                 declared.ok() ? *declared : catalogue::RoleDeclarations{}, nullptr);
}

std::string SeasonOf(Millis now) {
  // Days since 1 March 1970, in years of 365.2425 days: accurate to a day, which is enough for a season.
  const double days = static_cast<double>(now.value) / 86'400'000.0 - 59;
  const double in_year = days - 365.2425 * std::floor(days / 365.2425);
  constexpr const char* kSeasons[] = {"spring", "summer", "autumn", "winter"};
  return kSeasons[std::clamp(static_cast<int>(in_year / 91.3106), 0, 3)];
}

namespace {

// Limited because each word that may be an id costs a lookup in the record store.
constexpr size_t kMaxIdWords = 16;
constexpr size_t kMaxNamedRecords = 4;
constexpr size_t kMinIdBytes = 4;  // shorter words with a digit are quantities ("2p", "13")

// The words that may be an id: the whole question if it has a digit, and each word of at least kMinIdBytes
// that has a digit and is not just a number.
std::vector<std::string> IdWords(const std::string& question) {
  std::vector<std::string> words;
  const auto add = [&words](std::string_view word, bool whole) -> bool {
    while (!word.empty() && std::string_view(" \t\n\"'.,?!").find(word.back()) != std::string_view::npos)
      word.remove_suffix(1);
    while (!word.empty() && std::string_view(" \t\n\"'").find(word.front()) != std::string_view::npos)
      word.remove_prefix(1);
    const bool digit = word.find_first_of("0123456789") != std::string_view::npos;
    const bool other = word.find_first_not_of("0123456789.,") != std::string_view::npos;
    const bool like = digit && other && word.size() >= kMinIdBytes;
    if (!word.empty() && word.size() <= limits::kMaxIdBytes && (like || (whole && digit)))
      words.emplace_back(word);
    return like;
  };
  add(question, true);
  for (size_t start = 0; start < question.size() && words.size() < kMaxIdWords;) {
    const size_t end = std::min(question.find(' ', start), question.size());
    const std::string_view word = std::string_view(question).substr(start, end - start);
    // An id of ASCII letters may have a Korean particle: "item_456은".
    const auto is_wide = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
    const auto particle = std::find_if(word.begin(), word.end(), is_wide);
    if (add(word, false) && particle != word.begin() && particle != word.end() && words.size() < kMaxIdWords)
      add(word.substr(0, static_cast<size_t>(particle - word.begin())), false);
    start = end + 1;
  }
  return words;
}

// A record whose record id or item id is a word of the question.
struct NamedRecord {
  std::string word;     // folded
  std::string written;  // as in the question
  std::string record_id;
};

std::vector<NamedRecord> RecordsNamedById(const AskState& state) {
  std::vector<NamedRecord> named;
  for (const std::string& word : IdWords(state.call.question)) {
    if (named.size() >= kMaxNamedRecords) break;
    auto record = state.deps.records.Get(state.call.collection->id, word);
    if ((!record.ok() || !*record) && state.binding && !state.binding->item_id_field.empty())
      record = state.deps.records.GetItem(*state.binding, state.call.collection->id, word);
    const auto is_there = [&](const NamedRecord& one) { return one.record_id == (*record)->id; };
    if (record.ok() && *record && std::none_of(named.begin(), named.end(), is_there))
      named.push_back({analysis::Fold(word), word, (*record)->id});
  }
  return named;
}

// Tells the ids that the question asks for from those that it refuses. An id that is refused in a way that is
// not clear is neither.
void SetNamedRecords(std::vector<NamedRecord> named, AskState* state) {
  language::QueryIntent& intent = state->intent;
  for (NamedRecord& one : named) {
    auto& refused = intent.excluded_ids;
    const auto at = std::find(refused.begin(), refused.end(), one.word);
    if (at != refused.end()) {
      *at = std::move(one.written);
      state->refused_ids.push_back(std::move(one.record_id));
    } else if (intent.wanted_text.empty() || intent.wanted_text.find(one.word) != std::string::npos) {
      state->named_ids.push_back(std::move(one.record_id));
    }
  }
}

// Tells the reader of questions which facts the catalogue has.
void SetCatalogueFacts(const AskState& state, language::IntentOptions* options) {
  options->currency = state.roles.currency_code;
  if (options->currency.empty())
    language::JudgeCurrency(state.knowledge ? state.knowledge->price_summary : language::PriceSummary(),
                            options);
  options->has_price = !state.roles.price.empty();
  options->has_weight = !state.roles.weight.empty() && state.roles.weight_has_unit;
  options->has_stock = !state.roles.stock.empty();
  options->has_created = !state.roles.created.empty();
  options->has_popularity = state.binding.has_value();
}

// Why parts of the question were not applied, for the stage; empty if all were.
std::string UncheckedNote(const AskState& state) {
  using About = language::UncheckedPart::About;
  const auto& roles = state.roles;
  std::string note;
  for (const language::UncheckedPart& part : state.intent.unchecked) {
    const std::string quoted = part.text.empty() ? "" : " \"" + part.text + "\"";
    std::string why;
    if (part.about == About::kCurrency)
      why = roles.currency_code.empty()
                ? "the catalogue's prices cannot be in " + part.currency + "; the amount" + quoted +
                      " was ignored"
                : "the catalogue's prices are in " + roles.currency_code + "; the price limit in " +
                      part.currency + quoted + " was ignored";
    else if (part.about == About::kUnknownCurrency)
      why = "the currency of the prices is unknown; the amount" + quoted +
            " was compared with the bare numbers";
    else if (part.about == About::kPrice)
      why = (roles.price.empty() ? "no field has the role price; the price limit"
                                 : "no price limit was understood; the amount") +
            quoted + " was not applied";
    else if (part.about == About::kWeight)
      why = (roles.weight.empty() ? "no field has the role weight; the limit"
                                  : "the unit of the weights is unknown; the limit") +
            quoted + " was not applied";
    else if (part.about == About::kQuantity)
      why = "the quantity" + quoted + " was not applied";
    else if (part.about == About::kStock)
      why = "no field has the role stock; the products may be sold out";
    else if (part.about == About::kNewest)
      why = "no field has the role created; the products are not ordered by age";
    else if (part.about == About::kPopular)
      why = "the index is not bound to a dataset group; popularity is unknown";
    else if (part.about == About::kRefusal)
      why = "what is refused with" + quoted + " was not understood; the words were ignored";
    if (!why.empty()) note += (note.empty() ? "" : "; ") + why;
  }
  return note;
}

}  // namespace

Status Understand(AskState* state, const Deadline& deadline) {
  TRINE_TRY(deadline.Check("understanding the question"));
  language::IntentOptions options;
  options.language = state->call.language;
  options.season_now = SeasonOf(state->deps.clock.Now());
  SetCatalogueFacts(*state, &options);
  std::vector<NamedRecord> named = RecordsNamedById(*state);
  for (const NamedRecord& one : named) options.ids.push_back(one.word);
  state->intent =
      language::ParseIntent(state->call.question, state->vocabulary(), state->deps.analyzers, options);
  SetNamedRecords(std::move(named), state);
  if (!state->named_ids.empty()) {
    state->intent.specificity = 1;
    state->intent.open = false;
  }
  if (!state->knowledge)
    state->note =
        "the vocabulary of the catalogue is still being built; only the question's own words were used";
  if (const std::string unchecked = UncheckedNote(*state); !unchecked.empty())
    state->note += (state->note.empty() ? "" : "; ") + unchecked;
  return Ok();
}

}  // namespace trine::formation
