#include "analysis/filters.h"

#include <libstemmer.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <utility>

#include "analysis/tokenizers.h"
#include "analysis/utf8.h"
#include "base/check.h"
#include "base/text.h"

namespace trine::analysis {
namespace {

// A filter that changes each term independently of the others.
template <typename Change>
class EachTerm final : public TokenFilter {
 public:
  explicit EachTerm(Change change) : change_(std::move(change)) {}
  void Filter(std::vector<Token>* tokens) const override {
    for (Token& token : *tokens) change_(&token.term);
  }

 private:
  Change change_;
};
template <typename Change>
FilterPtr MakeEach(Change change) {
  return std::make_shared<EachTerm<Change>>(std::move(change));
}

// A filter that keeps or drops each token independently of the others.
template <typename Keep>
class KeepIf final : public TokenFilter {
 public:
  explicit KeepIf(Keep keep) : keep_(std::move(keep)) {}
  void Filter(std::vector<Token>* tokens) const override {
    std::erase_if(*tokens, [this](const Token& token) { return !keep_(token); });
  }

 private:
  Keep keep_;
};
template <typename Keep>
FilterPtr MakeKeep(Keep keep) {
  return std::make_shared<KeepIf<Keep>>(std::move(keep));
}

template <typename Map>
void MapCodePoints(std::string* term, Map map) {
  std::string out;
  out.reserve(term->size());
  for (size_t i = 0; i < term->size();) AppendUtf8(map(DecodeUtf8(*term, &i)), &out);
  *term = std::move(out);
}

class StopFilter final : public TokenFilter {
 public:
  StopFilter(TermSet words, bool ignore_case, bool keep_last)
      : words_(std::move(words)), ignore_case_(ignore_case), keep_last_(keep_last) {}
  void Filter(std::vector<Token>* tokens) const override {
    const Token* last = keep_last_ && !tokens->empty() ? &tokens->back() : nullptr;
    size_t kept = 0;
    for (Token& token : *tokens) {
      if (&token != last && IsStop(token.term)) continue;
      if (Token& to = (*tokens)[kept++]; &to != &token) to = std::move(token);
    }
    tokens->resize(kept);
  }

 private:
  bool IsStop(const std::string& term) const {
    if (!ignore_case_) return words_.contains(term);
    std::string lower = term;
    LowercaseTerm(&lower);
    return words_.contains(lower);
  }
  TermSet words_;
  bool ignore_case_;
  bool keep_last_;
};

class UniqueFilter final : public TokenFilter {
 public:
  explicit UniqueFilter(bool same_position) : same_position_(same_position) {}
  void Filter(std::vector<Token>* tokens) const override {
    TermSet seen;
    uint32_t position = 0;
    std::vector<Token> kept;
    for (Token& token : *tokens) {
      if (same_position_ && token.position != position) seen.clear();
      position = token.position;
      if (seen.insert(token.term).second) kept.push_back(std::move(token));
    }
    *tokens = std::move(kept);
  }

 private:
  bool same_position_;
};

class NgramFilter final : public TokenFilter {
 public:
  NgramFilter(uint32_t min, uint32_t max, bool edge, bool keep)
      : min_(min), max_(max), edge_(edge), keep_(keep) {
    TRINE_CHECK_GE(min, 1u);
    TRINE_CHECK_LE(min, max);
  }
  void Filter(std::vector<Token>* tokens) const override {
    std::vector<Token> out;
    TokenCollector sink(*tokens, &out);
    std::vector<size_t> edges;
    for (const Token& token : *tokens) {
      if (sink.full()) break;
      edges.assign(1, 0);
      for (size_t i = 0; i < token.term.size(); edges.push_back(i))
        static_cast<void>(DecodeUtf8(token.term, &i));
      const size_t length = edges.size() - 1;
      for (size_t first = 0; first < length && !sink.full(); ++first) {
        for (size_t size = min_; size <= max_ && first + size <= length; ++size) {
          if (!sink.Add({token.term.substr(edges[first], edges[first + size] - edges[first]), token.start,
                         token.end, token.position, token.type})) {
            break;
          }
        }
        if (edge_) break;
      }
      if (keep_ && (length < min_ || length > max_)) sink.Add(token);
    }
    *tokens = std::move(out);
  }

 private:
  uint32_t min_, max_;
  bool edge_, keep_;
};

class SnowballFilter final : public TokenFilter {
 public:
  explicit SnowballFilter(std::string language) : language_(std::move(language)) {}
  void Filter(std::vector<Token>* tokens) const override {
    // A stemmer owns a work buffer and is not thread-safe, so each call creates one (about a microsecond).
    sb_stemmer* stemmer = sb_stemmer_new(language_.c_str(), "UTF_8");
    TRINE_CHECK(stemmer != nullptr);  // NewSnowballFilter has checked the language
    for (Token& token : *tokens) {
      const auto* stem = sb_stemmer_stem(stemmer, reinterpret_cast<const sb_symbol*>(token.term.data()),
                                         static_cast<int>(token.term.size()));
      if (stem == nullptr) continue;
      const auto length = static_cast<size_t>(sb_stemmer_length(stemmer));
      token.term.assign(reinterpret_cast<const char*>(stem), length);
    }
    sb_stemmer_delete(stemmer);
  }

 private:
  std::string language_;
};

}  // namespace

// Maps each code point separately with ICU's simple case mapping, as Lucene does.
void LowercaseTerm(std::string* term) {
  bool ascii = true;
  for (char& ch : *term) {
    ch = ToLowerAscii(ch);
    ascii &= static_cast<unsigned char>(ch) < 0x80;
  }
  if (ascii) return;
  // Builds a new string only if a code point changes. Most terms that are not ASCII remain unchanged, because
  // Hangul, Han and kana have no case.
  for (size_t i = 0; i < term->size();) {
    const auto c = static_cast<UChar32>(DecodeUtf8(*term, &i));
    if (u_tolower(c) == c) continue;
    return MapCodePoints(
        term, [](char32_t x) { return static_cast<char32_t>(u_tolower(static_cast<UChar32>(x))); });
  }
}

FilterPtr NewLowercaseFilter() {
  return MakeEach([](std::string* term) { LowercaseTerm(term); });
}

FilterPtr NewUppercaseFilter() {
  return MakeEach([](std::string* term) {
    MapCodePoints(term, [](char32_t c) { return static_cast<char32_t>(u_toupper(static_cast<UChar32>(c))); });
  });
}

FilterPtr NewStopFilter(TermSet words, bool ignore_case, bool keep_last) {
  if (ignore_case) {
    TermSet lower;
    for (std::string word : words) {
      LowercaseTerm(&word);
      lower.insert(std::move(word));
    }
    words = std::move(lower);
  }
  return std::make_shared<StopFilter>(std::move(words), ignore_case, keep_last);
}

FilterPtr NewLengthFilter(uint32_t min, uint32_t max) {
  return MakeKeep([min, max](const Token& token) {
    const size_t length = CountCodePoints(token.term);
    return length >= min && length <= max;
  });
}

FilterPtr NewTrimFilter() {
  return MakeEach([](std::string* term) {
    size_t from = std::string::npos;
    size_t to = 0;
    for (size_t i = 0; i < term->size();) {
      const size_t at = i;
      if (IsSpace(DecodeUtf8(*term, &i))) continue;
      if (from == std::string::npos) from = at;
      to = i;
    }
    *term = from == std::string::npos ? std::string() : term->substr(from, to - from);
  });
}

FilterPtr NewTruncateFilter(uint32_t length) {
  return MakeEach([length](std::string* term) {
    size_t i = 0;
    for (uint32_t n = 0; n < length && i < term->size(); ++n) static_cast<void>(DecodeUtf8(*term, &i));
    term->resize(i);
  });
}

FilterPtr NewReverseFilter() {
  return MakeEach([](std::string* term) {
    std::u32string points;
    for (size_t i = 0; i < term->size();) points.push_back(DecodeUtf8(*term, &i));
    term->clear();
    for (auto it = points.rbegin(); it != points.rend(); ++it) AppendUtf8(*it, term);
  });
}

FilterPtr NewUniqueFilter(bool only_on_same_position) {
  return std::make_shared<UniqueFilter>(only_on_same_position);
}

FilterPtr NewNgramFilter(uint32_t min, uint32_t max, bool edge, bool preserve_original) {
  return std::make_shared<NgramFilter>(min, max, edge, preserve_original);
}

Result<FilterPtr> NewSnowballFilter(const std::string& language) {
  std::string expected = "one of";
  for (const char** name = sb_stemmer_list(); *name != nullptr; ++name) {
    if (language == *name) return FilterPtr(std::make_shared<SnowballFilter>(language));
    expected.append(" ").append(*name);
  }
  return Error(ErrorCode::kInvalid, "unknown stemmer language \"" + language + "\"")
      .Expected(expected)
      .Got(language);
}

}  // namespace trine::analysis
