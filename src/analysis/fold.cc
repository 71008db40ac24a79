#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "analysis/analyzer.h"
#include "analysis/tokenizers.h"
#include "analysis/utf8.h"
#include "base/text.h"

namespace trine::analysis {
namespace {

// Returns ICU's NFKC_Casefold normalizer, or nullptr if ICU cannot load its data. Fold then skips
// normalisation.
const icu::Normalizer2* CaseFolding() {
  static const icu::Normalizer2* const kInstance = [] {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCCasefoldInstance(status);
    return U_SUCCESS(status) ? nfkc : nullptr;
  }();
  return kInstance;
}

// Fold for text of ASCII alone: letters become small, and no other character has an equivalent form.
std::string FoldAscii(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool space = false;
  for (const char c : text) {
    if (IsSpace(static_cast<char32_t>(c))) {
      space = !out.empty();
      continue;
    }
    if (space) out.push_back(' ');
    space = false;
    out.push_back(ToLowerAscii(c));
  }
  return out;
}

}  // namespace

std::string Fold(std::string_view text) {
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return FoldAscii(text);
  const std::string repaired = IsValidUtf8(text) ? std::string(text) : ReplaceIllFormed(text);
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfkc = CaseFolding();
  std::string folded;
  if (nfkc != nullptr) {
    icu::StringByteSink<std::string> sink(&folded);
    nfkc->normalizeUTF8(0, icu::StringPiece(repaired.data(), static_cast<int32_t>(repaired.size())), sink,
                        nullptr, status);
  }
  if (nfkc == nullptr || U_FAILURE(status)) folded = repaired;
  std::string out;
  out.reserve(folded.size());
  bool space = false;
  for (size_t i = 0; i < folded.size();) {
    const size_t from = i;
    const char32_t c = DecodeUtf8(folded, &i);
    if (IsSpace(c) || c == 0xA0) {
      space = !out.empty();
      continue;
    }
    if (space) out.push_back(' ');
    space = false;
    out.append(folded, from, i - from);
  }
  return out;
}

}  // namespace trine::analysis
