// DocumentMemory: how much memory a document takes while it is written.
#pragma once

#include <cstddef>

namespace trine {

// The memory that a document takes between its text and the index, estimated from the size of its text and
// the number of commas in it: the parsed values, the terms of its texts, and copies of the text. Measured
// with short and long documents; a text of a few bytes still takes the fields that each document has.
inline size_t DocumentMemory(size_t text_bytes, size_t commas) {
  constexpr size_t kLeast = 4096, kPerByte = 14, kPerValue = 80;
  return kLeast + kPerByte * text_bytes + kPerValue * commas;
}

}  // namespace trine
