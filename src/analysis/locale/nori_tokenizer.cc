// The tokenizer `nori_tokenizer`, for index definitions that were written for OpenSearch.
//
// It follows Lucene's KoreanTokenizer: one token per dictionary entry, whose compounds and contractions are
// kept, split or both, as `decompound_mode` says. It differs from the tokenizer `korean`, which leaves out
// particles and endings and adds the written words. Differences from Lucene that remain: MeCab has no penalty
// for particles after a space, the characters that korean_text.h treats specially are treated so here, too,
// and the words of the user dictionary always apply.
#include <unicode/uchar.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "analysis/locale/korean_tokenizer.h"
#include "analysis/utf8.h"
#include "base/check.h"
#include "base/text.h"

namespace trine::analysis {
namespace {

enum class Decompound { kNone, kDiscard, kMixed };

// Whether `text` has no letter, digit or other character that Lucene's tokenizer keeps as a term. Marks count
// as punctuation here, so that a variation selector after a symbol is not a term.
bool IsPunctuation(std::string_view text) {
  constexpr uint32_t kKept = U_GC_L_MASK | U_GC_N_MASK | U_GC_CO_MASK | U_GC_CN_MASK;
  for (size_t i = 0; i < text.size();) {
    const auto c = static_cast<UChar32>(DecodeUtf8(text, &i));
    if (c != 0x318D && (U_GET_GC_MASK(c) & kKept) != 0) return false;
  }
  return true;
}

// `source` as MeCab reads it, byte for byte as long: capitals become small letters, and the interpunct
// U+318D, which MeCab takes for a letter, becomes U+30FB.
std::string ReadableForm(std::string_view source) {
  std::string text = ToLowerAscii(source);
  constexpr std::string_view kInterpunct = "\u318D";
  for (size_t at = text.find(kInterpunct); at != std::string::npos; at = text.find(kInterpunct, at + 3)) {
    text.replace(at, kInterpunct.size(), "\u30FB");
  }
  return text;
}

// One entry of the dictionary with copies of what it points to.
struct Entry {
  uint32_t start;
  uint32_t end;
  std::string tag;
  std::string expression;
  const std::vector<uint32_t>* forced_parts;  // of a word of the user dictionary
  EntryKind kind;
};

class NoriTokenizer final : public Tokenizer {
 public:
  NoriTokenizer(KoreanTokenizerResources resources, Decompound decompound, bool discard_punctuation)
      : resources_(std::move(resources)), decompound_(decompound), discard_(discard_punctuation) {
    TRINE_CHECK(resources_.dictionary != nullptr);
  }

  void Tokenize(std::string_view source, std::vector<Token>* tokens) const override {
    const std::string text = ReadableForm(source);
    Writer out(source, tokens);
    uint32_t end = 0;
    for (const Entry& entry : Entries(text)) {
      if (!discard_ && entry.start > end) out.Add(end, entry.start, "", PartOfSpeech::kSP, true);
      end = entry.end;
      if (discard_ && IsPunctuation(source.substr(entry.start, entry.end - entry.start))) continue;
      AddEntry(entry, &out);
    }
  }

 private:
  // Adds tokens and maps their offsets to UTF-16 units.
  class Writer {
   public:
    Writer(std::string_view source, std::vector<Token>* tokens)
        : source_(source), cursor_(source), tokens_(*tokens) {}
    // Adds bytes [start, end) of the source, or `form` if it is not empty. With `step`, the token has the
    // next position, otherwise that of the token before it. Starts must not decrease.
    void Add(uint32_t start, uint32_t end, std::string_view form, PartOfSpeech tag, bool step) {
      const std::string_view surface = source_.substr(start, end - start);
      const uint32_t from = cursor_.At(start);
      if (step && first_)
        first_ = false;
      else if (step)
        ++position_;
      tokens_.push_back({std::string(form.empty() ? surface : form), from, from + Utf16Length(surface),
                         position_, TokenType::kWord, tag});
    }

   private:
    const std::string_view source_;
    Utf16Cursor cursor_;
    std::vector<Token>& tokens_;
    uint32_t position_ = 0;
    bool first_ = true;
  };

  std::vector<Entry> Entries(const std::string& text) const {
    std::vector<ForcedWord> forced;
    for (size_t i = 0; resources_.user != nullptr && i < text.size();) {
      const UserWords::Match match = resources_.user->Longest(text, i);
      if (match.bytes == 0) {
        static_cast<void>(DecodeUtf8(text, &i));
        continue;
      }
      const size_t end = i + match.bytes;
      forced.push_back({static_cast<uint32_t>(i), static_cast<uint32_t>(end), match.parts});
      i = end;
    }
    std::vector<Entry> entries;
    resources_.dictionary->Visit(text, forced, [&](const DictionaryEntry& entry) {
      const bool joins = !entries.empty() && entries.back().end == entry.start && !entry.known &&
                         entries.back().tag == entry.tag && (entry.tag == "SL" || entry.tag == "SN");
      if (joins) {  // MeCab joins at most 24 characters of an unknown word
        entries.back().end = entry.end;
        return;
      }
      entries.push_back({entry.start, entry.end, std::string(entry.tag), std::string(entry.expression),
                         entry.forced != nullptr ? entry.forced->parts : nullptr, entry.kind});
    });
    return entries;
  }

  void AddEntry(const Entry& entry, Writer* out) const {
    struct Part {
      std::string form;
      uint32_t bytes;
      PartOfSpeech tag;
    };
    std::vector<Part> parts;
    if (entry.forced_parts != nullptr) {
      for (const uint32_t bytes : *entry.forced_parts) parts.push_back({"", bytes, PartOfSpeech::kNNG});
    } else if (entry.kind != EntryKind::kMorpheme) {
      ForEachPart(entry.expression, [&](std::string_view form, std::string_view tag) {
        parts.push_back({std::string(form), static_cast<uint32_t>(form.size()), PartOfSpeechOf(tag)});
      });
    }
    const PartOfSpeech tag = PartOfSpeechOf(entry.tag);
    if (parts.empty() || decompound_ != Decompound::kDiscard) out->Add(entry.start, entry.end, "", tag, true);
    if (decompound_ == Decompound::kNone) return;
    // The parts of a compound divide its bytes; those of a contraction share them.
    uint32_t sum = 0;
    for (const Part& part : parts) sum += part.bytes;
    const bool divides = entry.forced_parts != nullptr || sum == entry.end - entry.start;
    uint32_t start = entry.start;
    bool step = decompound_ == Decompound::kDiscard;
    for (const Part& part : parts) {
      if (divides) {
        out->Add(start, start + part.bytes, "", part.tag, step);
        start += part.bytes;
      } else {
        out->Add(entry.start, entry.end, part.form, part.tag, step);
      }
      step = true;
    }
  }

  const KoreanTokenizerResources resources_;
  const Decompound decompound_;
  const bool discard_;
};

}  // namespace

Result<std::shared_ptr<const UserWords>> ReadUserWords(OptionReader* options) {
  const auto rules = options->List("user_dictionary_rules");
  if (options->Has("user_dictionary"))
    options->Fail("user_dictionary", "the settings of an index, which are given when the index is created");
  if (!rules) return std::shared_ptr<const UserWords>();
  return UserWords::Parse(*rules);
}

Result<std::shared_ptr<const Tokenizer>> MakeNoriTokenizer(OptionReader* options,
                                                           KoreanTokenizerResources resources) {
  const std::string mode = options->Choice("decompound_mode", "discard", {"none", "discard", "mixed"});
  const bool discard = options->Bool("discard_punctuation", true);
  TRINE_ASSIGN(resources.user, ReadUserWords(options));
  // Without a dictionary there are neither morphemes nor punctuation marks to keep.
  if (resources.dictionary == nullptr) {
    const std::map<std::string, std::string> none;
    OptionReader defaults("nori_tokenizer", none);
    return MakeKoreanTokenizer(&defaults, std::move(resources));
  }
  const Decompound decompound = mode == "none"      ? Decompound::kNone
                                : mode == "discard" ? Decompound::kDiscard
                                                    : Decompound::kMixed;
  return std::shared_ptr<const Tokenizer>(
      std::make_shared<NoriTokenizer>(std::move(resources), decompound, discard));
}

}  // namespace trine::analysis
