// Synonyms: at each position the longest matching rule is applied, and the search continues after the words
// that the rule matched.
#include <algorithm>
#include <map>
#include <utility>

#include "analysis/filters.h"
#include "base/check.h"
#include "base/text.h"

namespace trine::analysis {
namespace {

using Words = std::vector<std::string>;

constexpr size_t kMaxAlternatives = 1024;    // on one side of a rule; all pairs of them are compared
constexpr size_t kMaxRuleBytes = 16u << 20;  // of all rules once expanded: "a, b, c" becomes 3 * 2 pairs

// The replacement for the words of a rule's left side.
struct SynonymRule {
  bool keep = false;  // the matched words are kept beside the outputs
  std::vector<Words> outputs;
};

class SynonymFilter final : public TokenFilter {
 public:
  explicit SynonymFilter(std::map<Words, SynonymRule> rules) : rules_(std::move(rules)) {
    for (const auto& [words, rule] : rules_) {
      TRINE_CHECK(!words.empty());
      size_t& longest = longest_[words.front()];
      longest = std::max(longest, words.size());
    }
  }
  void Filter(std::vector<Token>* tokens) const override {
    const std::vector<Token>& in = *tokens;
    std::vector<Token> out;
    TokenCollector sink(in, &out);
    bool changed = false;
    uint32_t removed = 0;  // positions so far of matched words that nothing replaced
    for (size_t i = 0; i < in.size() && !sink.full();) {
      size_t used = 0;
      const SynonymRule* rule = Longest(in, i, &used);
      if (rule == nullptr) {
        Add(in[i++], removed, &sink);
        continue;
      }
      Apply(in, i, used, *rule, removed, &sink);
      removed += Unfilled(*rule, used);
      changed = true;
      i += used;
    }
    if (!changed) return;
    std::stable_sort(out.begin(), out.end(),
                     [](const Token& a, const Token& b) { return a.position < b.position; });
    *tokens = std::move(out);
  }

 private:
  const SynonymRule* Longest(const std::vector<Token>& in, size_t at, size_t* used) const {
    const auto first = longest_.find(in[at].term);
    if (first == longest_.end()) return nullptr;
    const SynonymRule* best = nullptr;
    Words words;
    for (size_t n = 0; n < first->second && at + n < in.size(); ++n) {
      if (n > 0 && in[at + n].position != in[at + n - 1].position + 1) break;
      words.push_back(in[at + n].term);
      const auto rule = rules_.find(words);
      if (rule == rules_.end()) continue;
      best = &rule->second;
      *used = n + 1;
    }
    return best;
  }
  static void Add(Token token, uint32_t removed, TokenCollector* sink) {
    TRINE_DCHECK_GE(token.position, removed);
    token.position -= removed;
    sink->Add(std::move(token));
  }
  static void Apply(const std::vector<Token>& in, size_t at, size_t used, const SynonymRule& rule,
                    uint32_t removed, TokenCollector* sink) {
    for (size_t n = 0; rule.keep && n < used; ++n) Add(in[at + n], removed, sink);
    for (const Words& words : rule.outputs) {
      for (size_t n = 0; n < words.size() && !sink->full(); ++n) {
        Add({words[n], in[at].start, in[at + used - 1].end, in[at].position + static_cast<uint32_t>(n),
             TokenType::kSynonym},
            removed, sink);
      }
    }
  }
  // The positions of the matched words at which the rule leaves no word. As in Lucene, the words behind move
  // up, so that "sea biscuit => seabiscuit" makes the phrase "seabiscuit racing" find "sea biscuit racing".
  static uint32_t Unfilled(const SynonymRule& rule, size_t used) {
    size_t filled = rule.keep ? used : 0;
    for (const Words& words : rule.outputs) filled = std::max(filled, words.size());
    return static_cast<uint32_t>(used - std::min(used, filled));
  }
  std::map<Words, SynonymRule> rules_;
  std::map<std::string, size_t, std::less<>> longest_;  // first word -> length of its longest rule
};

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      parts.back().push_back(text[++i]);
    } else if (text[i] == ',') {
      parts.emplace_back();
    } else {
      parts.back().push_back(text[i]);
    }
  }
  return parts;
}

// An alternative of a rule as the analyzer reads it. If the analyzer finds several terms at one position,
// only the first of them is used.
struct Alternative {
  Words words;
  bool whole = true;  // false if the analyzer dropped a word, such as a stop word
};

Alternative Read(const std::string& text, const Analyzer& analyzer) {
  std::vector<Token> tokens;
  analyzer.Analyze(Trim(text), &tokens);
  Alternative read;
  uint32_t next = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && tokens[i].position == tokens[i - 1].position) continue;
    read.whole &= tokens[i].position == next;
    next = tokens[i].position + 1;
    read.words.push_back(std::move(tokens[i].term));
  }
  read.whole &= !read.words.empty();
  return read;
}

// Returns the alternatives on one side of a rule, each as a list of terms. With `lenient`, those of which the
// analyzer dropped a word are left out.
std::vector<Words> ParseAlternatives(const std::string& text, const Analyzer& analyzer, bool lenient) {
  std::vector<Words> side;
  for (const std::string& part : Split(text)) {
    auto [words, whole] = Read(part, analyzer);
    if (lenient && !whole) continue;
    if (!words.empty() && std::find(side.begin(), side.end(), words) == side.end())
      side.push_back(std::move(words));
  }
  return side;
}

size_t BytesOf(const Words& words) {
  size_t bytes = sizeof(Words);
  for (const std::string& word : words) bytes += sizeof(std::string) + word.size();
  return bytes;
}

// Adds the replacement for the words `from`. Returns false if the rules would exceed *bytes_left.
bool AddRule(const Words& from, const std::vector<Words>& to, std::map<Words, SynonymRule>* rules,
             size_t* bytes_left) {
  SynonymRule& rule = (*rules)[from];
  for (const Words& words : to) {
    if (words == from) {
      rule.keep = true;
    } else if (std::find(rule.outputs.begin(), rule.outputs.end(), words) == rule.outputs.end()) {
      const size_t bytes = BytesOf(from) + BytesOf(words);
      if (bytes > *bytes_left) return false;
      *bytes_left -= bytes;
      rule.outputs.push_back(words);
    }
  }
  return true;
}

Error TooMany(const std::string& expected) {
  return Error(ErrorCode::kLimit, "too many words in option \"synonyms\"").Expected(expected);
}

}  // namespace

std::optional<std::string> FindIncompleteSynonym(const std::vector<std::string>& rules,
                                                 const Analyzer& analyzer) {
  for (const std::string& rule : rules) {
    if (IsBlank(rule, " \t\r") || rule.front() == '#') continue;
    const size_t arrow = rule.find("=>");
    std::vector<std::string> parts = Split(rule.substr(0, arrow));
    if (arrow != std::string::npos) {
      for (std::string& part : Split(rule.substr(arrow + 2))) parts.push_back(std::move(part));
    }
    for (const std::string& part : parts) {
      if (!IsBlank(part, " \t\r") && !Read(part, analyzer).whole) return std::string(Trim(part));
    }
  }
  return std::nullopt;
}

Result<FilterPtr> NewSynonymFilter(const std::vector<std::string>& rules, SynonymOptions options,
                                   const Analyzer& analyzer) {
  std::map<Words, SynonymRule> map;
  size_t bytes_left = kMaxRuleBytes;
  for (const std::string& rule : rules) {
    if (static_cast<size_t>(std::count(rule.begin(), rule.end(), ',')) >= kMaxAlternatives)
      return TooMany("at most " + std::to_string(kMaxAlternatives) + " alternatives in one rule");
    if (IsBlank(rule, " \t\r") || rule.front() == '#') continue;
    const size_t arrow = rule.find("=>");
    const std::vector<Words> left = ParseAlternatives(rule.substr(0, arrow), analyzer, options.lenient);
    const bool two_sided = arrow != std::string::npos;
    std::vector<Words> right =
        two_sided ? ParseAlternatives(rule.substr(arrow + 2), analyzer, options.lenient) : left;
    if (options.lenient && (left.empty() || right.empty())) continue;
    if (left.empty() || right.empty() || (two_sided && rule.find("=>", arrow + 2) != std::string::npos)) {
      return Error(ErrorCode::kInvalid, "cannot parse a rule in option \"synonyms\"")
          .Expected("\"a, b => c\" or \"a, b, c\", with words that the analyzer keeps")
          .Got(rule);
    }
    if (!two_sided && !options.expand) right.resize(1);
    for (const Words& from : left) {
      if (!AddRule(from, right, &map, &bytes_left))
        return TooMany("rules that take at most " + std::to_string(kMaxRuleBytes >> 20) +
                       " MiB after every word is paired with each of its synonyms");
    }
  }
  return FilterPtr(std::make_shared<SynonymFilter>(std::move(map)));
}

}  // namespace trine::analysis
