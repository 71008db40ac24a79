#include "analysis/component.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "analysis/utf8.h"

namespace trine::analysis {

void OffsetMap::Add(uint32_t position, int64_t shift) {
  if (!shifts_.empty() && shifts_.back().first == position) {
    shifts_.back().second = shift;
  } else {
    shifts_.emplace_back(position, shift);
  }
}

uint32_t OffsetMap::Before(uint32_t position) const {
  auto it = std::upper_bound(shifts_.begin(), shifts_.end(), position,
                             [](uint32_t p, const auto& entry) { return p < entry.first; });
  if (it == shifts_.begin()) return position;
  return static_cast<uint32_t>(std::max<int64_t>(0, int64_t{position} + std::prev(it)->second));
}

std::vector<std::string> Analyzer::Terms(std::string_view text) const {
  std::vector<Token> tokens;
  Analyze(text, &tokens);
  std::vector<std::string> terms;
  terms.reserve(tokens.size());
  for (Token& token : tokens) terms.push_back(std::move(token.term));
  return terms;
}

Chain::Chain(std::vector<std::shared_ptr<const CharFilter>> char_filters,
             std::shared_ptr<const Tokenizer> tokenizer,
             std::vector<std::shared_ptr<const TokenFilter>> filters)
    : char_filters_(std::move(char_filters)),
      tokenizer_(std::move(tokenizer)),
      filters_(std::move(filters)) {}

void Chain::Analyze(std::string_view text, std::vector<Token>* tokens) const {
  std::string repaired;
  if (!IsWellFormed(text)) {
    repaired = Repair(text);
    text = repaired;
  }
  if (tokens->empty()) return AnalyzeWellFormed(text, tokens);
  std::vector<Token> own;
  AnalyzeWellFormed(text, &own);
  std::move(own.begin(), own.end(), std::back_inserter(*tokens));
}

void Chain::AnalyzeWellFormed(std::string_view text, std::vector<Token>* tokens) const {
  std::string filtered;
  std::vector<OffsetMap> maps;
  for (const auto& filter : char_filters_) {
    filtered = filter->Filter(text, &maps.emplace_back());
    text = filtered;
  }
  tokenizer_->Tokenize(text, tokens);
  for (const auto& filter : filters_) filter->Filter(tokens);
  for (auto map = maps.rbegin(); map != maps.rend(); ++map) {
    if (map->empty()) continue;
    for (Token& token : *tokens) {
      token.start = map->Before(token.start);
      token.end = std::max(token.start, map->Before(token.end));
    }
  }
}

}  // namespace trine::analysis
