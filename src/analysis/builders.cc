#include "analysis/builders.h"

#include <functional>
#include <utility>

#include "analysis/locale/english.h"
#include "analysis/locale/korean_tokenizer.h"
#include "analysis/locale/nori_filters.h"
#include "analysis/options.h"
#include "analysis/porter.h"
#include "analysis/tokenizers.h"
#include "analysis/utf8.h"
#include "base/text.h"

namespace trine::analysis {
namespace {

constexpr uint32_t kMaxGram = 255;
constexpr uint32_t kMaxShingle = 16;
constexpr uint32_t kMaxLength = 1u << 30;

template <typename T>
using Factory = std::function<Result<std::shared_ptr<const T>>(OptionReader*)>;
template <typename T>
using FactoryTable = std::map<std::string, Factory<T>, std::less<>>;

template <typename T>
Result<std::shared_ptr<const T>> Make(const FactoryTable<T>& factories, std::string_view kind,
                                      const ComponentSpec& spec) {
  const auto it = factories.find(spec.type);
  if (it == factories.end()) {
    std::string expected = "one of";
    for (const auto& [name, factory] : factories) expected.append(" ").append(name);
    return Error(ErrorCode::kNotFound, "unknown " + std::string(kind) + " type \"" + spec.type + "\"")
        .Expected(expected)
        .Got(spec.type);
  }
  OptionReader options(spec.type, spec.options);
  auto made = it->second(&options);
  TRINE_TRY(options.Finish());
  return made;
}

template <typename T, typename F>
Factory<T> WithoutOptions(F make) {
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
  const std::string repaired = IsValidUtf8(custom) ? custom : ReplaceIllFormed(custom);
  for (size_t i = 0; i < repaired.size();) kinds.custom.push_back(DecodeUtf8(repaired, &i));
  return kinds;
}

struct GramLengths {
  uint32_t min = 1;
  uint32_t max = 2;
};

// Reads the options min_gram and max_gram. The lengths are usable even after an invalid value, so a component
// can be built before the error is reported.
GramLengths ReadGramLengths(OptionReader* options, bool edge) {
  GramLengths lengths;
  lengths.min = options->Uint("min_gram", 1, 1, kMaxGram);
  lengths.max = options->Uint("max_gram", std::max(2u, lengths.min), 1, kMaxGram);
  if (lengths.max < lengths.min) {
    options->Fail("max_gram", "at least min_gram");
    lengths.max = lengths.min;
  }
  if (edge) options->Only("side", "front");
  return lengths;
}

Result<std::shared_ptr<const Tokenizer>> MakeNgram(OptionReader* options, bool edge) {
  const GramLengths lengths = ReadGramLengths(options, edge);
  return NewNgramTokenizer({lengths.min, lengths.max, edge, Kinds(options)});
}

bool IgnoreCase(OptionReader* options) {
  return options->Choice("flags", "", {"", "CASE_INSENSITIVE"}) == "CASE_INSENSITIVE";
}

uint32_t MaxTokenLength(OptionReader* options) {
  return options->Uint("max_token_length", kDefaultMaxTokenLength, 1, kLargestMaxTokenLength);
}

KoreanTokenizerResources KoreanResources(const AnalysisResources& resources) {
  return {resources.words, resources.korean, nullptr, {}};
}

// Reads the option `stoptags`: parts of speech by their names.
PartOfSpeechSet StopTags(OptionReader* options, PartOfSpeechSet fallback) {
  const auto names = options->List("stoptags");
  if (!names) return fallback;
  PartOfSpeechSet tags;
  for (const std::string& name : *names) {
    if (!AddPartOfSpeech(name, &tags)) options->Fail("stoptags", "some of " + PartOfSpeechNames());
  }
  return tags;
}

FactoryTable<Tokenizer> Tokenizers(const AnalysisResources& resources) {
  using Out = Result<std::shared_ptr<const Tokenizer>>;
  FactoryTable<Tokenizer> factories;
  factories["standard"] = [&](OptionReader* o) -> Out {
    return NewStandardTokenizer(resources.words, MaxTokenLength(o));
  };
  factories["whitespace"] = [](OptionReader* o) -> Out { return NewWhitespaceTokenizer(MaxTokenLength(o)); };
  factories["letter"] = WithoutOptions<Tokenizer>([] { return NewLetterTokenizer(false); });
  factories["lowercase"] = WithoutOptions<Tokenizer>([] { return NewLetterTokenizer(true); });
  factories["keyword"] = [](OptionReader* o) -> Out {
    static_cast<void>(
        o->Uint("buffer_size", 256, 1, kMaxLength));  // accepted as in OpenSearch, but has no effect here
    return NewKeywordTokenizer();
  };
  factories["ngram"] = [](OptionReader* o) { return MakeNgram(o, false); };
  factories["edge_ngram"] = [](OptionReader* o) { return MakeNgram(o, true); };
  factories["pattern"] = [](OptionReader* o) -> Out {
    return NewPatternTokenizer(o->Text("pattern", "\\W+"), o->Int("group", -1, -1, 99), IgnoreCase(o));
  };
  factories["korean"] = [&](OptionReader* o) { return MakeKoreanTokenizer(o, KoreanResources(resources)); };
  factories["nori_tokenizer"] = [&](OptionReader* o) {
    return MakeNoriTokenizer(o, KoreanResources(resources));
  };
  return factories;
}

Result<FilterPtr> MakeStemmer(OptionReader* options, std::string_view option, std::string_view fallback) {
  const std::string language = ToLowerAscii(options->Text(option, fallback));
  const bool snowball = option == "language" && fallback == "English";
  if (language == "possessive_english") return NewPossessiveFilter();
  if (language == "porter2") return NewSnowballFilter("english");
  if (language == "porter" || (language == "english" && !snowball)) return NewPorterFilter();
  return NewSnowballFilter(language);
}

Result<FilterPtr> MakeNgramFilter(OptionReader* o, bool edge) {
  const GramLengths lengths = ReadGramLengths(o, edge);
  return NewNgramFilter(lengths.min, lengths.max, edge, o->Bool("preserve_original", false));
}

Result<FilterPtr> MakeShingle(OptionReader* o) {
  ShingleOptions s;
  s.min = o->Uint("min_shingle_size", 2, 2, kMaxShingle);
  s.max = o->Uint("max_shingle_size", std::max(2u, s.min), 2, kMaxShingle);
  s.output_unigrams = o->Bool("output_unigrams", true);
  s.output_unigrams_if_no_shingles = o->Bool("output_unigrams_if_no_shingles", false);
  s.separator = o->Text("token_separator", " ");
  s.filler = o->Text("filler_token", "_");
  if (s.max < s.min) {
    o->Fail("max_shingle_size", "at least min_shingle_size");
    s.max = s.min;
  }
  return NewShingleFilter(std::move(s));
}

Result<FilterPtr> MakeSynonym(OptionReader* o, const Analyzer& before) {
  const auto rules = o->List("synonyms");
  if (!rules) o->Fail("synonyms", "a list of rules");
  static_cast<void>(o->Choice("format", "solr", {"solr"}));
  SynonymOptions options;
  options.expand = o->Bool("expand", true);
  options.lenient = o->Bool("lenient", false);
  return NewSynonymFilter(rules.value_or(std::vector<std::string>{}), options, before);
}

void AddTermFilters(FactoryTable<TokenFilter>* filters) {
  using Out = Result<FilterPtr>;
  FactoryTable<TokenFilter>& factories = *filters;
  factories["lowercase"] = [](OptionReader* o) -> Out {
    if (o->Has("language"))
      o->Fail("language", "no language: the special rules of a language are not supported yet");
    return NewLowercaseFilter();
  };
  factories["uppercase"] = WithoutOptions<TokenFilter>([] { return NewUppercaseFilter(); });
  factories["asciifolding"] = [](OptionReader* o) -> Out {
    return NewAsciiFoldingFilter(o->Bool("preserve_original", false));
  };
  factories["porter_stem"] = WithoutOptions<TokenFilter>([] { return NewPorterFilter(); });
  factories["stemmer"] = [](OptionReader* o) {
    return MakeStemmer(o, o->Has("name") ? "name" : "language", "porter");
  };
  factories["snowball"] = [](OptionReader* o) { return MakeStemmer(o, "language", "English"); };
  factories["trim"] = WithoutOptions<TokenFilter>([] { return NewTrimFilter(); });
  factories["truncate"] = [](OptionReader* o) -> Out {
    return NewTruncateFilter(o->Uint("length", 10, 1, kMaxLength));
  };
  factories["reverse"] = WithoutOptions<TokenFilter>([] { return NewReverseFilter(); });
  factories["cjk_width"] = WithoutOptions<TokenFilter>([] { return NewCjkWidthFilter(); });
}

void AddNoriFilters(const AnalysisResources& resources, FactoryTable<TokenFilter>* filters) {
  using Out = Result<FilterPtr>;
  FactoryTable<TokenFilter>& factories = *filters;
  factories["nori_part_of_speech"] = [](OptionReader* o) -> Out {
    return NewPartOfSpeechFilter(StopTags(o, DefaultStopTags()));
  };
  factories["nori_readingform"] =
      WithoutOptions<TokenFilter>([&] { return NewReadingFormFilter(resources.korean); });
  factories["nori_number"] = WithoutOptions<TokenFilter>([] { return NewNumberFilter(); });
}

FactoryTable<TokenFilter> Filters(const Analyzer& before, const AnalysisResources& resources) {
  using Out = Result<FilterPtr>;
  FactoryTable<TokenFilter> factories;
  AddTermFilters(&factories);
  AddNoriFilters(resources, &factories);
  factories["stop"] = [](OptionReader* o) -> Out {
    TermSet words = StopWords(o, "_english_");
    const bool ignore_case = o->Bool("ignore_case", false);
    return NewStopFilter(std::move(words), ignore_case, !o->Bool("remove_trailing", true));
  };
  factories["length"] = [](OptionReader* o) -> Out {
    return NewLengthFilter(o->Uint("min", 0, 0, kMaxLength), o->Uint("max", kMaxLength, 0, kMaxLength));
  };
  factories["unique"] = [](OptionReader* o) -> Out {
    return NewUniqueFilter(o->Bool("only_on_same_position", false));
  };
  factories["ngram"] = [](OptionReader* o) { return MakeNgramFilter(o, false); };
  factories["edge_ngram"] = [](OptionReader* o) { return MakeNgramFilter(o, true); };
  factories["shingle"] = MakeShingle;
  factories["cjk_bigram"] = [](OptionReader* o) -> Out {
    return NewCjkBigramFilter(o->Bool("output_unigrams", false));
  };
  factories["synonym"] = [&before](OptionReader* o) { return MakeSynonym(o, before); };
  factories["synonym_graph"] = factories["synonym"];
  return factories;
}

using AnalyzerResult = Result<std::shared_ptr<const Analyzer>>;

std::shared_ptr<const Analyzer> ChainOf(std::shared_ptr<const Tokenizer> tokenizer,
                                        std::vector<FilterPtr> filters) {
  return std::make_shared<AnalyzerChain>(std::vector<CharFilterPtr>{}, std::move(tokenizer),
                                         std::move(filters));
}

AnalyzerResult MakeEnglish(OptionReader* o, const AnalysisResources& resources) {
  TermSet stop = StopWords(o, "_english_");
  const auto exclusions = o->List("stem_exclusion").value_or(std::vector<std::string>{});
  FilterPtr stemmer = NewPorterFilter();
  if (!exclusions.empty()) stemmer = NewExclusionFilter({exclusions.begin(), exclusions.end()}, stemmer);
  return ChainOf(NewStandardTokenizer(resources.words),
                 {NewPossessiveFilter(), NewLowercaseFilter(), NewStopFilter(std::move(stop)), stemmer});
}

AnalyzerResult MakePattern(OptionReader* o) {
  TRINE_ASSIGN(auto tokenizer, NewPatternTokenizer(o->Text("pattern", "\\W+"), -1, IgnoreCase(o)));
  std::vector<FilterPtr> filters;
  if (o->Bool("lowercase", true)) filters.push_back(NewLowercaseFilter());
  TermSet stop = StopWords(o, "_none_");
  if (!stop.empty()) filters.push_back(NewStopFilter(std::move(stop)));
  return ChainOf(std::move(tokenizer), std::move(filters));
}

FactoryTable<Analyzer> AnalyzerFactories(const AnalysisResources& resources) {
  FactoryTable<Analyzer> factories;
  factories["standard"] = [&](OptionReader* o) -> AnalyzerResult {
    std::vector<FilterPtr> filters{NewLowercaseFilter()};
    TermSet stop = StopWords(o, "_none_");
    if (!stop.empty()) filters.push_back(NewStopFilter(std::move(stop)));
    return ChainOf(NewStandardTokenizer(resources.words, MaxTokenLength(o)), std::move(filters));
  };
  factories["simple"] = WithoutOptions<Analyzer>([] { return ChainOf(NewLetterTokenizer(true), {}); });
  factories["whitespace"] = WithoutOptions<Analyzer>([] { return ChainOf(NewWhitespaceTokenizer(), {}); });
  factories["keyword"] = WithoutOptions<Analyzer>([] { return ChainOf(NewKeywordTokenizer(), {}); });
  factories["stop"] = [](OptionReader* o) -> AnalyzerResult {
    return ChainOf(NewLetterTokenizer(true), {NewStopFilter(StopWords(o, "_english_"))});
  };
  factories["english"] = [&](OptionReader* o) { return MakeEnglish(o, resources); };
  factories["cjk"] = [&](OptionReader* o) -> AnalyzerResult {
    return ChainOf(NewStandardTokenizer(resources.words),
                   {NewCjkWidthFilter(), NewLowercaseFilter(), NewCjkBigramFilter(false),
                    NewStopFilter(StopWords(o, "_cjk_"))});
  };
  factories["pattern"] = MakePattern;
  factories["korean"] = [&](OptionReader* o) -> AnalyzerResult {
    KoreanTokenizerResources korean = KoreanResources(resources);
    korean.stop_tags = StopTags(o, {});
    TRINE_ASSIGN(auto tokenizer, MakeKoreanTokenizer(o, std::move(korean)));
    return ChainOf(std::move(tokenizer), {});
  };
  factories["nori"] = factories["korean"];
  return factories;
}

}  // namespace

Result<std::shared_ptr<const Tokenizer>> BuildTokenizer(const ComponentSpec& spec,
                                                        const AnalysisResources& resources) {
  return Make(Tokenizers(resources), "tokenizer", spec);
}

Result<FilterPtr> BuildFilter(const ComponentSpec& spec, const Analyzer& before,
                              const AnalysisResources& resources) {
  return Make(Filters(before, resources), "filter", spec);
}

Result<CharFilterPtr> BuildCharFilter(const ComponentSpec& spec) {
  FactoryTable<CharFilter> factories;
  factories["html_strip"] = [](OptionReader* o) -> Result<CharFilterPtr> {
    return NewHtmlStripCharFilter(o->List("escaped_tags").value_or(std::vector<std::string>{}));
  };
  factories["mapping"] = [](OptionReader* o) -> Result<CharFilterPtr> {
    const auto rules = o->List("mappings");
    if (!rules) o->Fail("mappings", "a list of rules");
    return NewMappingCharFilter(rules.value_or(std::vector<std::string>{}));
  };
  factories["pattern_replace"] = [](OptionReader* o) -> Result<CharFilterPtr> {
    if (!o->Has("pattern")) o->Fail("pattern", "a regular expression");
    return NewPatternReplaceCharFilter(o->Text("pattern", ""), o->Text("replacement", ""), IgnoreCase(o));
  };
  return Make(factories, "char filter", spec);
}

Result<std::shared_ptr<const Analyzer>> BuildAnalyzer(const ComponentSpec& spec,
                                                      const AnalysisResources& resources) {
  return Make(AnalyzerFactories(resources), "analyzer", spec);
}

}  // namespace trine::analysis
