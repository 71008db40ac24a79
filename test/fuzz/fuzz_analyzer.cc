// Fuzzes text analysis. Byte 0 chooses whether the other bytes are text for every built-in analyzer, or the
// settings of a custom chain and its text. Tokens must be in range and in order; invalid settings must be
// rejected without a crash.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/analyzer.h"
#include "analysis/utf8.h"

namespace {

using namespace trine::analysis;  // NOLINT: a program of one file

void Check(const Analyzer& analyzer, std::string_view text, bool ordered) {
  const uint32_t units =
      trine::Utf16Length(trine::IsValidUtf8(text) ? std::string(text) : ReplaceIllFormed(text));
  std::vector<Token> tokens;
  analyzer.Analyze(text, &tokens);
  uint32_t position = 0;
  for (const Token& token : tokens) {
    if (token.start > token.end || token.end > units) std::abort();
    if (!trine::IsValidUtf8(token.term)) std::abort();
    if (ordered && token.position < position) std::abort();
    position = token.position;
  }
}

// Lines of the form "kind type option=value;option=value" define a chain; the text follows an empty line.
void CheckSettings(const Analyzers& analyzers, std::string_view bytes) {
  AnalysisSettings settings;
  AnalyzerSpec spec{"standard", {}, {}};
  while (!bytes.empty() && spec.filters.size() < 4) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string line(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    if (line.empty()) break;
    const size_t first = line.find(' ');
    if (first == std::string::npos) continue;
    const size_t second = std::min(line.find(' ', first + 1), line.size());
    ComponentSpec component{line.substr(first + 1, second - first - 1), {}};
    for (size_t at = second + 1; at < line.size();) {
      const size_t stop = std::min(line.find(';', at), line.size());
      const std::string option = line.substr(at, stop - at);
      const size_t equals = std::min(option.find('='), option.size());
      std::string value = option.substr(std::min(equals + 1, option.size()));
      std::replace(value.begin(), value.end(), '|', '\n');
      component.options[option.substr(0, equals)] = std::move(value);
      at = stop + 1;
    }
    const std::string name = "c" + std::to_string(spec.filters.size() + spec.char_filters.size());
    if (line[0] == 't') settings.tokenizers[spec.tokenizer = "t"] = component;
    if (line[0] == 'f') settings.filters[spec.filters.emplace_back(name)] = component;
    if (line[0] == 'c' && spec.char_filters.size() < 4)
      settings.char_filters[spec.char_filters.emplace_back(name)] = component;
  }
  const auto chain = analyzers.BuildChain(spec, settings);
  if (chain.ok()) Check(**chain, bytes.substr(0, 4096), false);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::unique_ptr<Analyzers> analyzers = NewAnalyzers({}).value();
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 1) {
    CheckSettings(*analyzers, bytes);
    return 0;
  }
  for (const char* name :
       {"standard", "simple", "whitespace", "keyword", "stop", "english", "korean", "cjk"}) {
    Check(**analyzers->Find(name), bytes, true);
  }
  if (!trine::IsValidUtf8(Fold(bytes))) std::abort();
  return 0;
}
