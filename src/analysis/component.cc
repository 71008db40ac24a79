#include "analysis/component.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "analysis/utf8.h"
#include "base/check.h"

namespace trine::analysis {
namespace {

// Bounds of GrowthBudget in UTF-16 units. The minimum allows a replacement that is much longer than a short
// text; the maximum limits how much longer a long text can become.
constexpr size_t kGrowthFactor = 9;  // times the text's length
constexpr size_t kMinGrowth = 64u << 10;
constexpr size_t kMaxGrowth = 1u << 20;
// Bounds of TokenCollector in bytes of tokens.
constexpr size_t kMinTokenBytes = 32u << 20;
constexpr size_t kMaxTokenBytes = 256u << 20;

size_t BytesOf(const Token& token) { return sizeof(Token) + token.term.size(); }

uint32_t Shifted(uint32_t position, int64_t shift) {
  return static_cast<uint32_t>(std::max<int64_t>(0, int64_t{position} + shift));
}

}  // namespace

void OffsetMap::Add(uint32_t position, int64_t shift) {
  TRINE_DCHECK(entries_.empty() || entries_.back().position <= position);
  if (!entries_.empty() && entries_.back().position == position) {
    entries_.back() = {position, shift, shift};
  } else {
    entries_.push_back({position, shift, shift});
  }
}

void OffsetMap::AddRemoval(uint32_t position, int64_t shift) {
  TRINE_DCHECK(entries_.empty() || entries_.back().position <= position);
  if (!entries_.empty() && entries_.back().position == position) {
    entries_.back().shift = shift;
  } else {
    entries_.push_back({position, shift, entries_.empty() ? 0 : entries_.back().shift});
  }
}

const OffsetMap::Entry* OffsetMap::At(uint32_t position) const {
  const auto it = std::upper_bound(entries_.begin(), entries_.end(), position,
                                   [](uint32_t p, const Entry& entry) { return p < entry.position; });
  return it == entries_.begin() ? nullptr : &*std::prev(it);
}

uint32_t OffsetMap::Start(uint32_t position) const {
  const Entry* entry = At(position);
  return entry == nullptr ? position : Shifted(position, entry->shift);
}

uint32_t OffsetMap::End(uint32_t position) const {
  const Entry* entry = At(position);
  if (entry == nullptr) return position;
  return Shifted(position, entry->position == position ? entry->end_shift : entry->shift);
}

void OffsetMap::Correct(std::vector<Token>* tokens, size_t first) const {
  if (empty()) return;
  for (size_t i = first; i < tokens->size(); ++i) {
    Token& token = (*tokens)[i];
    TRINE_DCHECK_LE(token.start, token.end);
    const uint32_t start = Start(token.start);
    token.end = std::max(start, End(token.end));
    token.start = start;
  }
}

GrowthBudget::GrowthBudget(std::string_view text)
    : left_(static_cast<uint32_t>(
          std::clamp<size_t>(kGrowthFactor * Utf16Length(text), kMinGrowth, kMaxGrowth))) {}

TokenCollector::TokenCollector(const std::vector<Token>& incoming, std::vector<Token>* tokens)
    : tokens_(*tokens) {
  size_t bytes = 0;
  for (const Token& token : incoming) bytes += BytesOf(token);
  left_ = std::clamp(2 * bytes, kMinTokenBytes, kMaxTokenBytes);
}

bool TokenCollector::Add(Token token) {
  const size_t bytes = BytesOf(token);
  full_ |= bytes > left_;
  if (full_) return false;
  left_ -= bytes;
  tokens_.push_back(std::move(token));
  return true;
}

std::vector<std::string> Analyzer::Terms(std::string_view text) const {
  std::vector<Token> tokens;
  Analyze(text, &tokens);
  std::vector<std::string> terms;
  terms.reserve(tokens.size());
  for (Token& token : tokens) terms.push_back(std::move(token.term));
  return terms;
}

AnalyzerChain::AnalyzerChain(std::vector<std::shared_ptr<const CharFilter>> char_filters,
                             std::shared_ptr<const Tokenizer> tokenizer,
                             std::vector<std::shared_ptr<const TokenFilter>> filters)
    : char_filters_(std::move(char_filters)), tokenizer_(std::move(tokenizer)), filters_(std::move(filters)) {
  TRINE_CHECK(tokenizer_ != nullptr);
  for (const auto& filter : char_filters_) TRINE_CHECK(filter != nullptr);
  for (const auto& filter : filters_) TRINE_CHECK(filter != nullptr);
}

void AnalyzerChain::Analyze(std::string_view text, std::vector<Token>* tokens) const {
  std::string repaired;
  if (!IsValidUtf8(text)) {
    repaired = ReplaceIllFormed(text);
    text = repaired;
  }
  if (tokens->empty()) return AnalyzeWellFormed(text, tokens);
  std::vector<Token> own;
  AnalyzeWellFormed(text, &own);
  std::move(own.begin(), own.end(), std::back_inserter(*tokens));
}

void AnalyzerChain::AnalyzeWellFormed(std::string_view text, std::vector<Token>* tokens) const {
  std::string filtered;
  std::vector<OffsetMap> maps;
  GrowthBudget growth(char_filters_.empty() ? std::string_view() : text);
  for (const auto& filter : char_filters_) {
    filtered = filter->Filter(text, &growth, &maps.emplace_back());
    text = filtered;
    TRINE_DCHECK(IsValidUtf8(text));
  }
  tokenizer_->Tokenize(text, tokens);
  for (const auto& filter : filters_) filter->Filter(tokens);
  for (const Token& token : *tokens) {
    TRINE_DCHECK(IsValidUtf8(token.term));
    TRINE_DCHECK_LE(token.start, token.end);
  }
  for (auto map = maps.rbegin(); map != maps.rend(); ++map) map->Correct(tokens);
}

}  // namespace trine::analysis
