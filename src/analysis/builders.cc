#include "analysis/builders.h"

#include <functional>
#include <utility>

#include "analysis/locale/english.h"
#include "analysis/locale/korean_tokenizer.h"
#include "analysis/options.h"
#include "analysis/porter.h"
#include "analysis/tokenizers.h"
#include "analysis/utf8.h"

namespace trine::analysis {
namespace {

constexpr uint32_t kMaxGram = 255;
constexpr uint32_t kMaxGramSpread = 8;  // max - min of all-places n-grams: each step is a copy of the text
constexpr uint32_t kMaxShingle = 16;
constexpr uint32_t kMaxLength = 1u << 30;

template <typename T>
using Maker = std::function<Result<std::shared_ptr<const T>>(OptionReader*)>;
template <typename T>
using Makers = std::map<std::string, Maker<T>, std::less<>>;

template <typename T>
Result<std::shared_ptr<const T>> Make(const Makers<T>& makers, std::string_view kind,
                                      const ComponentSpec& spec) {
  const auto it = makers.find(spec.type);
  if (it == makers.end()) {
    std::string expected;
    for (const auto& [name, maker] : makers) expected.append(expected.empty() ? "" : " ").append(name);
    return Error(ErrorKind::kNotFound, "there is no " + std::string(kind) + " of type [" + spec.type + "]")
        .Expected(expected)
        .Got(spec.type);
  }
  OptionReader options(spec.type, spec.options);
  auto made = it->second(&options);
  TRINE_TRY(options.Finish());
  return made;
}

template <typename T, typename F>
Maker<T> Plain(F make) {
  return
      [make](OptionReader*) -> Result<std::shared_ptr<const T>> { return std::shared_ptr<const T>(make()); };
}

TermSet StopWords(OptionReader* options, std::string_view fallback) {
  const auto list = options->List("stopwords").value_or(std::vector<std::string>{std::string(fallback)});
  TermSet words;
  for (const std::string& word : list) {
    if (word == "_english_") {
      words.merge(EnglishStopWords());
    } else if (word == "_cjk_") {
      words.merge(CjkStopWords());
    } else if (word.size() > 2 && word.front() == '_' && word.back() == '_' && word != "_none_") {
      options->Fail("stopwords", "words, or one of _english_ _cjk_ _none_");
    } else if (word != "_none_") {
      words.insert(word);
    }
  }
  return words;
}

CharacterKinds Kinds(OptionReader* options) {
  CharacterKinds kinds;
  for (const std::string& kind : options->List("token_chars").value_or(std::vector<std::string>{})) {
    if (kind == "letter") {
      kinds.letter = true;
    } else if (kind == "digit") {
      kinds.digit = true;
    } else if (kind == "whitespace") {
      kinds.whitespace = true;
    } else if (kind == "punctuation") {
      kinds.punctuation = true;
    } else if (kind == "symbol") {
      kinds.symbol = true;
    } else if (kind != "custom") {
      options->Fail("token_chars", "letter, digit, whitespace, punctuation, symbol or custom");
    }
  }
  const std::string custom = options->Text("custom_token_chars", "");
  const std::string repaired = IsWellFormed(custom) ? custom : Repair(custom);
  for (size_t i = 0; i < repaired.size();) kinds.custom.push_back(Decode(repaired, &i));
  return kinds;
}

Result<std::shared_ptr<const Tokenizer>> MakeNgram(OptionReader* options, bool edge) {
  NgramOptions ngram;
  ngram.edge = edge;
  ngram.min = options->Uint("min_gram", 1, 1, kMaxGram);
  ngram.max = options->Uint("max_gram", std::max(2u, ngram.min), 1, kMaxGram);
  ngram.kinds = Kinds(options);
  if (ngram.max < ngram.min) options->Fail("max_gram", "at least min_gram");
  if (!edge && ngram.max - ngram.min > kMaxGramSpread) {
    options->Fail("max_gram", "at most min_gram + " + std::to_string(kMaxGramSpread));
  }
  return NewNgramTokenizer(std::move(ngram));
}

bool IgnoreCase(OptionReader* options) {
  return options->Choice("flags", "", {"", "CASE_INSENSITIVE"}) == "CASE_INSENSITIVE";
}

uint32_t MaxTokenLength(OptionReader* options) {
  return options->Uint("max_token_length", kDefaultMaxTokenLength, 1, kLargestMaxTokenLength);
}

Makers<Tokenizer> Tokenizers(const Resources& resources) {
  using Out = Result<std::shared_ptr<const Tokenizer>>;
  Makers<Tokenizer> makers;
  makers["standard"] = [&](OptionReader* o) -> Out {
    return NewStandardTokenizer(resources.words, MaxTokenLength(o));
  };
  makers["whitespace"] = [](OptionReader* o) -> Out { return NewWhitespaceTokenizer(MaxTokenLength(o)); };
  makers["letter"] = Plain<Tokenizer>([] { return NewLetterTokenizer(false); });
  makers["lowercase"] = Plain<Tokenizer>([] { return NewLetterTokenizer(true); });
  makers["keyword"] = [](OptionReader* o) -> Out {
    static_cast<void>(
        o->Uint("buffer_size", 256, 1, kMaxLength));  // the original's tuning; nothing to tune here
    return NewKeywordTokenizer();
  };
  makers["ngram"] = [](OptionReader* o) { return MakeNgram(o, false); };
  makers["edge_ngram"] = [](OptionReader* o) { return MakeNgram(o, true); };
  makers["pattern"] = [](OptionReader* o) -> Out {
    return NewPatternTokenizer(o->Text("pattern", "\\W+"), o->Int("group", -1, -1, 99), IgnoreCase(o));
  };
  makers["korean"] = [&](OptionReader* o) { return MakeKoreanTokenizer(o, resources.korean); };
  makers["nori_tokenizer"] = makers["korean"];
  return makers;
}

Result<FilterPtr> MakeStemmer(OptionReader* options, std::string_view option, std::string_view fallback) {
  std::string language = options->Text(option, fallback);
  for (char& ch : language) ch = ch >= 'A' && ch <= 'Z' ? static_cast<char>(ch | 0x20) : ch;
  const bool snowball = option == "language" && fallback == "English";
  if (language == "possessive_english") return NewPossessiveFilter();
  if (language == "porter2") return NewSnowballFilter("english");
  if (language == "porter" || (language == "english" && !snowball)) return NewPorterFilter();
  return NewSnowballFilter(language);
}

Result<FilterPtr> MakeNgramFilter(OptionReader* o, bool edge) {
  const uint32_t min = o->Uint("min_gram", 1, 1, kMaxGram);
  const uint32_t max = o->Uint("max_gram", std::max(2u, min), 1, kMaxGram);
  if (max < min) o->Fail("max_gram", "at least min_gram");
  if (!edge && max - min > kMaxGramSpread) {
    o->Fail("max_gram", "at most min_gram + " + std::to_string(kMaxGramSpread));
  }
  return NewNgramFilter(min, max, edge, o->Bool("preserve_original", false));
}

Result<FilterPtr> MakeShingle(OptionReader* o) {
  ShingleOptions s;
  s.min = o->Uint("min_shingle_size", 2, 2, kMaxShingle);
  s.max = o->Uint("max_shingle_size", std::max(2u, s.min), 2, kMaxShingle);
  s.output_unigrams = o->Bool("output_unigrams", true);
  s.output_unigrams_if_no_shingles = o->Bool("output_unigrams_if_no_shingles", false);
  s.separator = o->Text("token_separator", " ");
  s.filler = o->Text("filler_token", "_");
  if (s.max < s.min) o->Fail("max_shingle_size", "at least min_shingle_size");
  return NewShingleFilter(std::move(s));
}

Result<FilterPtr> MakeSynonym(OptionReader* o, const Analyzer& before) {
  const auto rules = o->List("synonyms");
  if (!rules) o->Fail("synonyms", "a list of rules");
  static_cast<void>(o->Choice("format", "solr", {"solr"}));
  static_cast<void>(o->Bool("lenient", false));
  return NewSynonymFilter(rules.value_or(std::vector<std::string>{}), o->Bool("expand", true), before);
}

void AddChangers(Makers<TokenFilter>* filters) {
  using Out = Result<FilterPtr>;
  Makers<TokenFilter>& makers = *filters;
  makers["lowercase"] = Plain<TokenFilter>([] { return NewLowercaseFilter(); });
  makers["uppercase"] = Plain<TokenFilter>([] { return NewUppercaseFilter(); });
  makers["asciifolding"] = [](OptionReader* o) -> Out {
    return NewAsciiFoldingFilter(o->Bool("preserve_original", false));
  };
  makers["porter_stem"] = Plain<TokenFilter>([] { return NewPorterFilter(); });
  makers["stemmer"] = [](OptionReader* o) {
    return MakeStemmer(o, o->Has("name") ? "name" : "language", "porter");
  };
  makers["snowball"] = [](OptionReader* o) { return MakeStemmer(o, "language", "English"); };
  makers["trim"] = Plain<TokenFilter>([] { return NewTrimFilter(); });
  makers["truncate"] = [](OptionReader* o) -> Out {
    return NewTruncateFilter(o->Uint("length", 10, 1, kMaxLength));
  };
  makers["reverse"] = Plain<TokenFilter>([] { return NewReverseFilter(); });
  makers["cjk_width"] = Plain<TokenFilter>([] { return NewCjkWidthFilter(); });
}

Makers<TokenFilter> Filters(const Analyzer& before) {
  using Out = Result<FilterPtr>;
  Makers<TokenFilter> makers;
  AddChangers(&makers);
  makers["stop"] = [](OptionReader* o) -> Out {
    TermSet words = StopWords(o, "_english_");
    const bool ignore_case = o->Bool("ignore_case", false);
    return NewStopFilter(std::move(words), ignore_case, !o->Bool("remove_trailing", true));
  };
  makers["length"] = [](OptionReader* o) -> Out {
    return NewLengthFilter(o->Uint("min", 0, 0, kMaxLength), o->Uint("max", kMaxLength, 0, kMaxLength));
  };
  makers["unique"] = [](OptionReader* o) -> Out {
    return NewUniqueFilter(o->Bool("only_on_same_position", false));
  };
  makers["ngram"] = [](OptionReader* o) { return MakeNgramFilter(o, false); };
  makers["edge_ngram"] = [](OptionReader* o) { return MakeNgramFilter(o, true); };
  makers["shingle"] = MakeShingle;
  makers["cjk_bigram"] = [](OptionReader* o) -> Out {
    return NewCjkBigramFilter(o->Bool("output_unigrams", false));
  };
  makers["synonym"] = [&before](OptionReader* o) { return MakeSynonym(o, before); };
  makers["synonym_graph"] = makers["synonym"];
  return makers;
}

using Chained = Result<std::shared_ptr<const Analyzer>>;

std::shared_ptr<const Analyzer> Join(std::shared_ptr<const Tokenizer> tokenizer,
                                     std::vector<FilterPtr> filters) {
  return std::make_shared<Chain>(std::vector<CharFilterPtr>{}, std::move(tokenizer), std::move(filters));
}

Chained MakeEnglish(OptionReader* o, const Resources& resources) {
  TermSet stop = StopWords(o, "_english_");
  const auto exclusions = o->List("stem_exclusion").value_or(std::vector<std::string>{});
  FilterPtr stemmer = NewPorterFilter();
  if (!exclusions.empty()) stemmer = NewExclusionFilter({exclusions.begin(), exclusions.end()}, stemmer);
  return Join(NewStandardTokenizer(resources.words),
              {NewPossessiveFilter(), NewLowercaseFilter(), NewStopFilter(std::move(stop)), stemmer});
}

Chained MakePattern(OptionReader* o) {
  TRINE_ASSIGN(auto tokenizer, NewPatternTokenizer(o->Text("pattern", "\\W+"), -1, IgnoreCase(o)));
  std::vector<FilterPtr> filters;
  if (o->Bool("lowercase", true)) filters.push_back(NewLowercaseFilter());
  TermSet stop = StopWords(o, "_none_");
  if (!stop.empty()) filters.push_back(NewStopFilter(std::move(stop)));
  return Join(std::move(tokenizer), std::move(filters));
}

Makers<Analyzer> AnalyzerMakers(const Resources& resources) {
  Makers<Analyzer> makers;
  makers["standard"] = [&](OptionReader* o) -> Chained {
    std::vector<FilterPtr> filters{NewLowercaseFilter()};
    TermSet stop = StopWords(o, "_none_");
    if (!stop.empty()) filters.push_back(NewStopFilter(std::move(stop)));
    return Join(NewStandardTokenizer(resources.words, MaxTokenLength(o)), std::move(filters));
  };
  makers["simple"] = Plain<Analyzer>([] { return Join(NewLetterTokenizer(true), {}); });
  makers["whitespace"] = Plain<Analyzer>([] { return Join(NewWhitespaceTokenizer(), {}); });
  makers["keyword"] = Plain<Analyzer>([] { return Join(NewKeywordTokenizer(), {}); });
  makers["stop"] = [](OptionReader* o) -> Chained {
    return Join(NewLetterTokenizer(true), {NewStopFilter(StopWords(o, "_english_"))});
  };
  makers["english"] = [&](OptionReader* o) { return MakeEnglish(o, resources); };
  makers["cjk"] = [&](OptionReader* o) -> Chained {
    return Join(NewStandardTokenizer(resources.words),
                {NewCjkWidthFilter(), NewLowercaseFilter(), NewCjkBigramFilter(false),
                 NewStopFilter(StopWords(o, "_cjk_"))});
  };
  makers["pattern"] = MakePattern;
  makers["korean"] = [&](OptionReader* o) -> Chained {
    TRINE_ASSIGN(auto tokenizer, MakeKoreanTokenizer(o, resources.korean));
    return Join(std::move(tokenizer), {});
  };
  makers["nori"] = makers["korean"];
  return makers;
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> BuildTokenizer(const ComponentSpec& spec,
                                                        const Resources& resources) {
  return Make(Tokenizers(resources), "tokenizer", spec);
}

Result<FilterPtr> BuildFilter(const ComponentSpec& spec, const Analyzer& before) {
  return Make(Filters(before), "filter", spec);
}

Result<CharFilterPtr> BuildCharFilter(const ComponentSpec& spec) {
  Makers<CharFilter> makers;
  makers["html_strip"] = [](OptionReader* o) -> Result<CharFilterPtr> {
    return NewHtmlStripCharFilter(o->List("escaped_tags").value_or(std::vector<std::string>{}));
  };
  makers["mapping"] = [](OptionReader* o) -> Result<CharFilterPtr> {
    const auto rules = o->List("mappings");
    if (!rules) o->Fail("mappings", "a list of rules");
    return NewMappingCharFilter(rules.value_or(std::vector<std::string>{}));
  };
  makers["pattern_replace"] = [](OptionReader* o) -> Result<CharFilterPtr> {
    if (!o->Has("pattern")) o->Fail("pattern", "a regular expression");
    return NewPatternReplaceCharFilter(o->Text("pattern", ""), o->Text("replacement", ""), IgnoreCase(o));
  };
  return Make(makers, "char filter", spec);
}

Result<std::shared_ptr<const Analyzer>> BuildAnalyzer(const ComponentSpec& spec, const Resources& resources) {
  return Make(AnalyzerMakers(resources), "analyzer", spec);
}

}  // namespace trine::analysis
