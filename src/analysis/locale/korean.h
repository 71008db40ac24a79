// Korean: particles after a word, the language of a text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trine::analysis {

// Particles that follow the word's last sound. The first form stands after a final consonant.
enum class Particle : uint8_t {
  kTopic,      // 은, 는
  kSubject,    // 이, 가
  kObject,     // 을, 를
  kAnd,        // 과, 와
  kDirection,  // 으로, 로 (로 also after a final ㄹ)
  kCopula,     // 이에요, 예요
  kOr,         // 이나, 나
  kComitative  // 이랑, 랑
};

// The form of `particle` that fits behind `word`: by the last syllable's final consonant; Latin letters
// and digits as they are read aloud in Korean ("iPhone 15" ends like 오). A closing bracket or quote at
// the end is looked through. A word that ends in nothing readable takes the form after a vowel.
std::string_view ParticleForm(std::string_view word, Particle particle);
// `word` with its particle: WithParticle("체어", kObject) is "체어를".
std::string WithParticle(std::string_view word, Particle particle);

inline bool IsHangulSyllable(char32_t c) { return c >= 0xAC00 && c <= 0xD7A3; }
// Syllables and compatibility jamo (ㅋㅋ).
inline bool IsHangul(char32_t c) { return IsHangulSyllable(c) || (c >= 0x3131 && c <= 0x318E); }

// "ko" when a third or more of the letters are Hangul (brand names are Latin in Korean questions
// too), else "en". Text without letters is "en".
std::string_view DominantLanguage(std::string_view text);

// The length in bytes of `word` (well-formed, Hangul) without the longest particle at its end; all of
// it when there is none or nothing would be left.
size_t LengthWithoutParticle(std::string_view word);

}  // namespace trine::analysis
