// SentenceSplitter: divides a text that arrives in parts into sentences, each as soon as its end is certain.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace trine::language {

// A sentence ends at a line break, or at a mark (. ! ? and their East Asian forms) with the closing quotation
// marks and brackets behind it, if white space follows. A full stop inside a number, a URL or a name ("1.5",
// "v1.0"), after an abbreviation ("e.g.", "No. 5"), after the number of a list item, inside brackets and
// inside a protected name does not end one. Joining the sentences gives the text again. The end is certain
// with the character after the white space at the latest. Not thread-safe. Any bytes are accepted.
class SentenceSplitter {
 public:
  // A longer sentence is cut: a model that never ends one must not fill the memory.
  static constexpr size_t kMaxSentenceBytes = 2000;

  struct Sentence {
    std::string text;  // with the white space behind it
    bool cut = false;  // a part of a sentence that was too long
  };

  // `names` may have marks and white space that end no sentence ("Wow! Chair"); others are ignored.
  explicit SentenceSplitter(const std::vector<std::string>& names = {});

  // Returns the sentences that this part completes.
  std::vector<Sentence> Add(std::string_view part);
  // Returns the rest as one sentence, if there is a rest.
  std::vector<Sentence> Finish();
  // The bytes that were looked at so far, each time that they were; for tests of the work per byte.
  size_t scanned_bytes() const { return work_; }

 private:
  enum class Certain { kEnd, kNoEnd, kUnknown };

  // The end of the first sentence of the buffer; npos if it is not certain yet.
  size_t FindEnd();
  // Whether the sentence ends at the mark [at, after); sets `end` if it does.
  Certain Judge(size_t at, size_t mark, size_t* end) const;
  // Whether the mark at `at` is inside a protected name.
  Certain IsInName(size_t at) const;
  void Take(size_t end, bool cut, std::vector<Sentence>* out);

  std::vector<std::string> names_;
  std::string buffer_;
  size_t scanned_ = 0;    // no sentence ends before this byte of the buffer
  bool in_long_ = false;  // the buffer continues a sentence that was cut
  size_t work_ = 0;
};

}  // namespace trine::language
