#include "language/grounding.h"

#include <utility>

#include "base/check.h"
#include "base/utf8.h"
#include "language/sentence_judge.h"
#include "language/sentence_splitter.h"
#include "language/text_markup.h"

namespace trine::language {
namespace {

std::string WhyCut() {
  return "it is longer than " + std::to_string(SentenceSplitter::kMaxSentenceBytes) + " bytes";
}

std::vector<std::string> TitlesOf(const GroundingMaterial& material) {
  std::vector<std::string> titles;
  for (const AnswerItem& item : material.items) titles.push_back(item.title);
  return titles;
}

}  // namespace

struct SentenceChecker::State {
  explicit State(const GroundingMaterial& material)
      : judge(material), titles(TitlesOf(material)), splitter(titles) {}

  CheckedSentence Check(const SentenceSplitter::Sentence& sentence) {
    CheckedSentence checked;
    checked.text = WithoutMarkup(sentence.text);
    if (sentence.cut) {
      checked.why = WhyCut();
      return checked;
    }
    SentenceJudge::Verdict verdict = judge.Judge(checked.text, last_named);
    checked.why = std::move(verdict.why);
    checked.supported = checked.why.empty();
    if (!checked.supported) return checked;
    // A dropped sentence is not seen, so that the next one does not go on about its items.
    if (!verdict.named.empty()) last_named = std::move(verdict.named);
    const std::string_view text = checked.text;
    for (const Mention& mention : verdict.mentions) {
      if (!mention.full) continue;
      TRINE_CHECK(!mention.items.empty());
      checked.citations.push_back({judge.material().items[mention.items[0]].id,
                                   released_units + Utf16Length(text.substr(0, mention.begin)),
                                   released_units + Utf16Length(text.substr(0, mention.end))});
    }
    released_units += Utf16Length(text);
    return checked;
  }

  const SentenceJudge judge;
  const std::vector<std::string> titles;
  SentenceSplitter splitter;
  std::vector<size_t> last_named;  // the items that the released text named last
  size_t released_units = 0;
};

SentenceChecker::SentenceChecker(GroundingMaterial material) : state_(std::make_unique<State>(material)) {}
SentenceChecker::~SentenceChecker() = default;

std::vector<CheckedSentence> SentenceChecker::Add(std::string_view part) {
  std::vector<CheckedSentence> out;
  for (const auto& sentence : state_->splitter.Add(part)) out.push_back(state_->Check(sentence));
  return out;
}

std::vector<CheckedSentence> SentenceChecker::Finish() {
  std::vector<CheckedSentence> out;
  for (const auto& sentence : state_->splitter.Finish()) out.push_back(state_->Check(sentence));
  return out;
}

std::string SentenceChecker::WhyUnsupported(std::string_view text) const {
  SentenceSplitter splitter(state_->titles);
  auto sentences = splitter.Add(text);
  for (auto& rest : splitter.Finish()) sentences.push_back(std::move(rest));
  std::vector<size_t> named;
  for (const auto& sentence : sentences) {
    if (sentence.cut) return WhyCut();
    SentenceJudge::Verdict verdict = state_->judge.Judge(WithoutMarkup(sentence.text), named);
    if (!verdict.why.empty()) return verdict.why;
    if (!verdict.named.empty()) named = std::move(verdict.named);
  }
  return "";
}

bool SentenceChecker::StatesNumber(double number) const { return state_->judge.StatesNumber(number); }

bool SentenceChecker::MayHavePrice(const std::vector<std::string>& names, double amount) const {
  return state_->judge.MayHavePrice(names, amount);
}

}  // namespace trine::language
