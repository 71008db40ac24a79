// JsonElementReader: splits a stream of JSON into its objects.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/csv.h"

namespace trine::format {

// Reads the objects of one array, or objects that follow each other, which may be spread over several lines.
// Holds one object in memory. Does not check the text of an object; parse it with ParseJson. Owns its source.
// Not thread-safe.
class JsonElementReader {
 public:
  // `max_bytes` bounds the text of one object.
  JsonElementReader(std::unique_ptr<ByteSource> source, size_t max_bytes)
      : source_(std::move(source)), max_bytes_(max_bytes) {}

  // Fills `text` with the next object and returns true, or returns false at the end. kInvalid for anything
  // else than objects, and for text after the array; kCorrupt if the stream ends inside an object or inside
  // the array; kLimit if an object is too long. Reading cannot go on after an error.
  Result<bool> Next(std::string* text);
  // The line on which the last object begins, counted from 1.
  uint64_t line() const { return line_; }

 private:
  Result<bool> Fill();
  Result<bool> FindObject();
  Error Unexpected(char c) const;

  const std::unique_ptr<ByteSource> source_;
  const size_t max_bytes_;
  std::string_view piece_;
  uint64_t line_ = 0, next_line_ = 1;
  bool array_ = false;   // the objects are in an array
  bool closed_ = false;  // the array has ended
  bool comma_ = true;    // an element may begin
  bool any_ = false;
};

}  // namespace trine::format
