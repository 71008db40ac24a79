#include "analysis/locale/korean.h"

#include <unicode/uchar.h>

#include <array>

#include "analysis/tokenizers.h"
#include "analysis/utf8.h"
#include "base/check.h"

namespace trine::analysis {
namespace {

enum class Ending { kVowel, kRieul, kConsonant };

Ending EndingOfSyllable(char32_t c) {
  TRINE_DCHECK(IsHangulSyllable(c));
  const char32_t final = (c - 0xAC00) % 28;
  if (final == 0) return Ending::kVowel;
  return final == 8 ? Ending::kRieul : Ending::kConsonant;
}

// How the Korean name of a digit ends: 영 일 이 삼 사 오 육 칠 팔 구.
Ending EndingOfDigit(char32_t c) {
  switch (c) {
    case '1':
    case '7':
    case '8':
      return Ending::kRieul;
    case '0':
    case '3':
    case '6':
      return Ending::kConsonant;
    default:
      return Ending::kVowel;
  }
}

// How a Latin word ends in its usual Korean transcription. A final l becomes ㄹ. A final m, n, ng, b, p, k or
// c becomes another final consonant, and so does a final t that follows a vowel. Every other word ends in a
// vowel, even one with a final d, s or f (드, 스, 프). A silent e after l, m or n is ignored. Requires a word
// that is not empty.
Ending EndingOfLatin(std::u32string_view word) {
  TRINE_DCHECK(!word.empty());
  const char32_t last = word.back();
  if (last == 'l') return Ending::kRieul;
  if (last == 'g') return word.ends_with(U"ng") ? Ending::kConsonant : Ending::kVowel;
  if (last == 'm' || last == 'n' || last == 'b' || last == 'p' || last == 'k' || last == 'c') {
    return Ending::kConsonant;
  }
  if (last == 't') {
    const char32_t before = word.size() > 1 ? word[word.size() - 2] : U't';
    const bool short_vowel =
        before == 'e' || before == 'i' || before == 'o' || before == 'u' || before == 'a';
    return short_vowel ? Ending::kConsonant : Ending::kVowel;
  }
  if (last == 'e' && word.size() > 2) {  // a silent e: "iPhone", "style"
    const char32_t before = word[word.size() - 2];
    if (before == 'n' || before == 'm') return Ending::kConsonant;
    if (before == 'l') return Ending::kRieul;
  }
  return Ending::kVowel;
}

Ending EndingOf(std::string_view raw) {
  std::string repaired;
  if (!IsValidUtf8(raw)) repaired = ReplaceIllFormed(raw);
  const std::string_view word = repaired.empty() ? raw : std::string_view(repaired);
  std::u32string latin;
  Ending ending = Ending::kVowel;
  for (size_t i = 0; i < word.size();) {
    const auto c = static_cast<char32_t>(u_tolower(static_cast<UChar32>(DecodeUtf8(word, &i))));
    if (c >= 'a' && c <= 'z') {
      latin.push_back(c);
      ending = EndingOfLatin(latin);
      continue;
    }
    if (c >= '0' && c <= '9') ending = EndingOfDigit(c);
    if (IsHangulSyllable(c)) ending = EndingOfSyllable(c);
    if (IsSpace(c)) ending = Ending::kVowel;
    latin.clear();
  }
  return ending;
}

struct Forms {
  std::string_view after_consonant;
  std::string_view after_vowel;
};
// One row per Particle, in the order of that enum.
constexpr std::array<Forms, 8> kForms = {{{"은", "는"},
                                          {"이", "가"},
                                          {"을", "를"},
                                          {"과", "와"},
                                          {"으로", "로"},
                                          {"이에요", "예요"},
                                          {"이나", "나"},
                                          {"이랑", "랑"}}};

// A particle is listed before every shorter one that it ends with, so the first match is the longest.
constexpr std::string_view kParticles[] = {
    "에서부터", "으로부터", "에게서", "으로는", "으로도", "에서는", "에서도", "까지는", "까지도", "이라는",
    "이라고",   "로부터",   "부터",   "까지",   "에서",   "에게",   "한테",   "처럼",   "보다",   "마다",
    "조차",     "마저",     "밖에",   "으로",   "이나",   "이랑",   "라는",   "라고",   "에는",   "에도",
    "로는",     "로도",     "와의",   "과의",   "은",     "는",     "이",     "가",     "을",     "를",
    "의",       "에",       "와",     "과",     "도",     "만",     "로",     "나",     "랑"};

}  // namespace

std::string_view ParticleForm(std::string_view word, Particle particle) {
  TRINE_CHECK_LT(static_cast<size_t>(particle), kForms.size());
  const Forms& forms = kForms[static_cast<size_t>(particle)];
  const Ending ending = EndingOf(word);
  if (ending == Ending::kRieul && particle == Particle::kDirection) return forms.after_vowel;
  return ending == Ending::kVowel ? forms.after_vowel : forms.after_consonant;
}

std::string WithParticle(std::string_view word, Particle particle) {
  return std::string(word).append(ParticleForm(word, particle));
}

std::string_view DominantLanguage(std::string_view text) {
  std::string repaired;
  if (!IsValidUtf8(text)) {
    repaired = ReplaceIllFormed(text);
    text = repaired;
  }
  size_t letters = 0;
  size_t hangul = 0;
  for (size_t i = 0; i < text.size();) {
    const char32_t c = DecodeUtf8(text, &i);
    const bool jamo = c >= 0x1100 && c <= 0x11FF;  // decomposed Hangul
    letters += IsLetter(c);
    hangul += IsHangul(c) || jamo;
  }
  return hangul > 0 && hangul * 3 >= letters ? "ko" : "en";
}

size_t LengthWithoutParticle(std::string_view word) {
  for (const std::string_view particle : kParticles) {
    if (word.size() > particle.size() && word.ends_with(particle)) return word.size() - particle.size();
  }
  return word.size();
}

}  // namespace trine::analysis
