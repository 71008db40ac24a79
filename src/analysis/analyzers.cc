// NewAnalyzers: creates the built-in analyzers once, and builds chains from settings.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>

#include "analysis/analyzer.h"
#include "analysis/builders.h"
#include "analysis/locale/morpheme_dictionary.h"

namespace trine::analysis {
namespace {

constexpr size_t kMaxComponents = 64;  // per chain; bounds the time, as each filter reads the whole text

constexpr std::uintmax_t kMaxWordFileBytes = 4u << 20;

using AnalyzerPtr = std::shared_ptr<const Analyzer>;

Error WordFileError(std::string what, std::string_view path) {
  return Error(ErrorCode::kInvalid, "cannot use a word file of the index settings: " + std::move(what))
      .Expected("a path below the folder of trine serve --word-files")
      .Got(std::string(path));
}

// The lines of the file `path` below `folder`. Errors do not contain `folder`, because clients see them.
Result<std::vector<std::string>> ReadLinesBelow(const std::string& folder, std::string_view path) {
  namespace fs = std::filesystem;
  if (folder.empty()) return WordFileError("the server has no folder of word files", path);
  std::error_code failed;
  const fs::path root = fs::canonical(folder, failed);
  if (failed) return WordFileError("the folder of word files cannot be read", path);
  const fs::path file = fs::canonical(root / fs::path(path).relative_path(), failed);
  if (failed || path.find('\0') != std::string_view::npos)
    return WordFileError("there is no such file", path);
  if (std::mismatch(root.begin(), root.end(), file.begin(), file.end()).first != root.end())
    return WordFileError("it is outside the folder of word files", path);
  if (!fs::is_regular_file(file, failed) || fs::file_size(file, failed) > kMaxWordFileBytes || failed)
    return WordFileError("it is not a regular file of at most 4 MiB", path);
  std::ifstream in(file, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  if (!in.eof()) return WordFileError("it cannot be read", path);
  return lines;
}

class AnalyzersImpl final : public Analyzers {
 public:
  AnalyzersImpl(AnalysisResources resources, std::string word_file_dir)
      : resources_(std::move(resources)), word_file_dir_(std::move(word_file_dir)) {
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
      TRINE_ASSIGN(auto filter,
                   At(BuildFilter(Spec(name, settings.filters), before, resources_), "filter", name));
      filters.push_back(std::move(filter));
    }
    return AnalyzerPtr(
        std::make_shared<AnalyzerChain>(std::move(char_filters), std::move(tokenizer), std::move(filters)));
  }

  Result<std::vector<std::string>> ReadWordFile(std::string_view path) const override {
    return ReadLinesBelow(word_file_dir_, path);
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
  const std::string word_file_dir_;
  std::map<std::string, AnalyzerPtr, std::less<>> built_in_;
};

}  // namespace

Result<std::unique_ptr<Analyzers>> NewAnalyzers(const AnalyzersOptions& options) {
  AnalysisResources resources;
  resources.words = std::make_shared<WordSegmenter>();
  if (!options.korean_dictionary_dir.empty()) {
    TRINE_ASSIGN(resources.korean, MorphemeDictionary::Open(options.korean_dictionary_dir));
  }
  return std::unique_ptr<Analyzers>(
      std::make_unique<AnalyzersImpl>(std::move(resources), options.word_file_dir));
}

}  // namespace trine::analysis
