#include "api/personalize/id_maker.h"

#include <random>
#include <string_view>

#include "base/check.h"

namespace trine::api::personalize {
namespace {

uint64_t RandomSeed() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32) ^ device();
}

}  // namespace

IdMaker::IdMaker() : IdMaker(RandomSeed()) {}

std::string IdMaker::Uuid() {
  uint64_t words[2];
  {
    const MutexLock lock(mutex_);
    for (uint64_t& word : words) word = random_.Next();
  }
  words[0] = (words[0] & ~0xF000ULL) | 0x4000ULL;                         // version 4
  words[1] = (words[1] & 0x3FFFFFFFFFFFFFFFULL) | 0x8000000000000000ULL;  // variant 1
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
    text += kDigits[(words[i / 16] >> (60 - 4 * (i % 16))) & 15];
  }
  TRINE_DCHECK_EQ(text.size(), 36u);
  return text;
}

std::string IdMaker::Hex8() { return Uuid().substr(0, 8); }

}  // namespace trine::api::personalize
