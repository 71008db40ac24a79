// Korean: the particles after a word, and whether a text is Korean.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trine::analysis {

// Particles whose form depends on the last sound of the preceding word. The form after a final consonant is
// listed first.
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

// The form of `particle` after `word`, which depends on the final consonant of the last syllable. Latin
// letters and digits are treated as they are pronounced in Korean ("iPhone 15" ends like 오). Marks at the
// end, such as a closing bracket, are skipped. If the last sound is unknown, returns the form after a vowel.
// Any bytes are accepted.
std::string_view ParticleForm(std::string_view word, Particle particle);
// `word` with its particle: WithParticle("체어", kObject) is "체어를".
std::string WithParticle(std::string_view word, Particle particle);

inline bool IsHangulSyllable(char32_t c) { return c >= 0xAC00 && c <= 0xD7A3; }
// Syllables and compatibility jamo (ㅋㅋ).
inline bool IsHangul(char32_t c) { return IsHangulSyllable(c) || (c >= 0x3131 && c <= 0x318E); }

// Returns "ko" if at least a third of the letters are Hangul, because Korean questions often contain Latin
// brand names; otherwise "en", also for text without letters.
std::string_view DominantLanguage(std::string_view text);

// The length in bytes of `word` without its particle, or of the whole word if it has none. If several
// particles match the end of the word, the longest one that is shorter than the word counts.
size_t LengthWithoutParticle(std::string_view word);

}  // namespace trine::analysis
