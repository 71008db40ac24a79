// NewAnalyzers: creates the built-in analyzers once, and builds chains from settings.
#include <map>
#include <string>
#include <utility>

#include "analysis/analyzer.h"
#include "analysis/builders.h"
#include "analysis/locale/morpheme_dictionary.h"

namespace trine::analysis {
namespace {

constexpr size_t kMaxComponents = 64;  // per chain; bounds the time, as each filter reads the whole text

using AnalyzerPtr = std::shared_ptr<const Analyzer>;

class AnalyzersImpl final : public Analyzers {
 public:
  explicit AnalyzersImpl(AnalysisResources resources) : resources_(std::move(resources)) {
    for (const char* name :
         {"standard", "simple", "whitespace", "keyword", "stop", "english", "korean", "cjk"}) {
      built_in_.emplace(name, std::move(BuildAnalyzer({name, {}}, resources_)).value());
    }
    built_in_.emplace("nori", built_in_.at("korean"));
  }

  Result<AnalyzerPtr> Find(std::string_view name) const override {
    const auto it = built_in_.find(name);
    if (it != built_in_.end()) return it->second;
    std::string expected = "one of";
    for (const auto& [known, analyzer] : built_in_) expected.append(" ").append(known);
    return Error(ErrorCode::kNotFound, "unknown analyzer \"" + std::string(name) + "\"")
        .Expected(expected)
        .Got(std::string(name));
  }

  Result<AnalyzerPtr> Build(std::string_view name, const AnalysisSettings& settings) const override {
    const std::string key(name);
    if (const auto it = settings.analyzers.find(key); it != settings.analyzers.end()) {
      return At(BuildChain(it->second, settings), "analyzer", key);
    }
    if (const auto it = settings.normalizers.find(key); it != settings.normalizers.end()) {
      AnalyzerSpec spec = it->second;
      spec.tokenizer = "keyword";
      return At(BuildChain(spec, settings), "normalizer", key);
    }
    if (const auto it = settings.configured.find(key); it != settings.configured.end()) {
      return At(BuildAnalyzer(it->second, resources_), "analyzer", key);
    }
    return Find(name);
  }

  Result<AnalyzerPtr> BuildChain(const AnalyzerSpec& spec, const AnalysisSettings& settings) const override {
    if (spec.filters.size() + spec.char_filters.size() > kMaxComponents) {
      return Error(ErrorCode::kLimit, "too many filters in one analyzer")
          .Expected("at most " + std::to_string(kMaxComponents))
          .Got(std::to_string(spec.filters.size() + spec.char_filters.size()));
    }
    std::vector<CharFilterPtr> char_filters;
    for (const std::string& name : spec.char_filters) {
      TRINE_ASSIGN(auto filter, At(BuildCharFilter(Spec(name, settings.char_filters)), "char filter", name));
      char_filters.push_back(std::move(filter));
    }
    // Without a tokenizer (in a normalizer, or in a request that lists only filters), the whole text is one
    // token, which is what the tokenizer "keyword" makes.
    const std::string tokenizer_name = spec.tokenizer.empty() ? "keyword" : spec.tokenizer;
    TRINE_ASSIGN(auto tokenizer, At(BuildTokenizer(Spec(tokenizer_name, settings.tokenizers), resources_),
                                    "tokenizer", tokenizer_name));
    std::vector<FilterPtr> filters;
    for (const std::string& name : spec.filters) {
      const AnalyzerChain before(char_filters, tokenizer, filters);
      TRINE_ASSIGN(auto filter, At(BuildFilter(Spec(name, settings.filters), before), "filter", name));
      filters.push_back(std::move(filter));
    }
    return AnalyzerPtr(
        std::make_shared<AnalyzerChain>(std::move(char_filters), std::move(tokenizer), std::move(filters)));
  }

  bool has_korean_dictionary() const override { return resources_.korean != nullptr; }

 private:
  // The component that the settings define under `name`, else a built-in one without options.
  static ComponentSpec Spec(const std::string& name, const std::map<std::string, ComponentSpec>& defined) {
    const auto it = defined.find(name);
    return it != defined.end() ? it->second : ComponentSpec{name, {}};
  }
  // Adds to an error the component that caused it.
  template <typename T>
  static Result<T> At(Result<T> made, const char* kind, const std::string& name) {
    if (made.ok()) return made;
    Error error = std::move(made).error();
    error.where = std::string(kind) + " \"" + name + "\"" + (error.where.empty() ? "" : ", " + error.where);
    return error;
  }

  AnalysisResources resources_;
  std::map<std::string, AnalyzerPtr, std::less<>> built_in_;
};

}  // namespace

Result<std::unique_ptr<Analyzers>> NewAnalyzers(const AnalyzersOptions& options) {
  AnalysisResources resources;
  resources.words = std::make_shared<WordSegmenter>();
  if (!options.korean_dictionary_dir.empty()) {
    TRINE_ASSIGN(resources.korean, MorphemeDictionary::Open(options.korean_dictionary_dir));
  }
  return std::unique_ptr<Analyzers>(std::make_unique<AnalyzersImpl>(std::move(resources)));
}

}  // namespace trine::analysis
