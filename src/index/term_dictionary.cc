#include "index/term_dictionary.h"

#include <algorithm>

#include "base/check.h"
#include "index/bytes.h"

namespace trine::index {
namespace {

// The first 8 bytes as a number that compares like the bytes; missing bytes count as zeros.
uint64_t PrefixKey(std::string_view term) {
  uint64_t head = 0;
  for (size_t i = 0; i < 8; ++i) head = (head << 8) | (i < term.size() ? static_cast<uint8_t>(term[i]) : 0);
  return head;
}

// Reads the statistics that follow a term. The handle is stored as the distance from `handle`, which is that
// of the previous term, or 0 at the start of a block. Returns false if the bytes are damaged.
bool ReadStats(const char** p, const char* end, bool with_norms, uint64_t handle, TermStats* stats) {
  if (*p == end) return false;
  const uint64_t rows = ReadVarint(p, end);
  if (rows == 0 || rows > UINT32_MAX) return false;
  stats->row_count = static_cast<uint32_t>(rows);
  const uint64_t more = ReadVarint(p, end);
  stats->total_frequency = rows + more;
  stats->max_frequency = more == 0 ? 1 : static_cast<uint32_t>(ReadVarint(p, end));
  stats->min_norm = 0;
  if (with_norms) {
    if (*p == end) return false;
    stats->min_norm = static_cast<uint8_t>(*(*p)++);
  }
  if (*p == end) return false;
  stats->handle = handle + ReadVarint(p, end);
  return true;
}

}  // namespace

void TermDictionaryWriter::Add(std::string_view term, const TermStats& stats) {
  TRINE_CHECK_GE(stats.row_count, 1u);
  TRINE_CHECK_GE(stats.total_frequency, stats.row_count);
  if (count_ > 0) TRINE_CHECK_GT(term, std::string_view(before_));
  size_t shared = 0;
  if (count_ % kTermsInBlock == 0) {
    AppendFixed<uint64_t>(blocks_.size(), &index_);
    AppendFixed<uint64_t>(PrefixKey(term), &index_);
    handle_before_ = 0;
  } else {
    const size_t most = std::min(term.size(), before_.size());
    while (shared < most && term[shared] == before_[shared]) ++shared;
  }
  AppendVarint(shared, &blocks_);
  AppendLengthPrefixed(term.substr(shared), &blocks_);
  AppendVarint(stats.row_count, &blocks_);
  AppendVarint(stats.total_frequency - stats.row_count, &blocks_);
  if (stats.total_frequency > stats.row_count) AppendVarint(stats.max_frequency, &blocks_);
  if (with_norms_) blocks_.push_back(static_cast<char>(stats.min_norm));
  TRINE_CHECK_GE(stats.handle, handle_before_);
  AppendVarint(stats.handle - handle_before_, &blocks_);
  handle_before_ = stats.handle;
  before_.assign(term);
  ++count_;
}

std::optional<TermDictionary> TermDictionary::Open(std::string_view blocks, std::string_view index,
                                                   uint64_t count, bool with_norms) {
  TermDictionary dictionary;
  dictionary.blocks_ = blocks;
  dictionary.index_ = index;
  dictionary.count_ = count;
  dictionary.with_norms_ = with_norms;
  if (index.size() % kTermIndexEntryBytes != 0) return std::nullopt;
  const uint64_t entries = index.size() / kTermIndexEntryBytes;
  if (count > blocks.size() || (count + kTermsInBlock - 1) / kTermsInBlock != entries) return std::nullopt;
  uint64_t before = 0;
  for (size_t i = 0; i < entries; ++i) {
    const auto offset = Load<uint64_t>(index.data() + kTermIndexEntryBytes * i);
    if (offset < before || offset >= blocks.size()) return std::nullopt;
    before = offset;
  }
  return dictionary;
}

std::string_view TermDictionary::BlockBytes(size_t block) const {
  TRINE_DCHECK_LT(block, blocks());
  const auto begin = Load<uint64_t>(index_.data() + kTermIndexEntryBytes * block);
  const uint64_t end = block + 1 < blocks()
                           ? Load<uint64_t>(index_.data() + kTermIndexEntryBytes * (block + 1))
                           : blocks_.size();
  return blocks_.substr(begin, end - begin);
}

size_t TermDictionary::BlockOf(std::string_view term) const {
  TRINE_DCHECK_GT(blocks(), 0u);
  const uint64_t head = PrefixKey(term);
  size_t low = 0, high = blocks();  // the first block whose first term is > `term` lies in [low, high]
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const auto other = Load<uint64_t>(index_.data() + kTermIndexEntryBytes * middle + 8);
    bool after = other > head;
    if (other == head) {
      const std::string_view bytes = BlockBytes(middle);
      const char* p = bytes.data();
      const char* end = p + bytes.size();
      ReadVarint(&p, end);  // the length of the shared prefix, 0 in the first term of a block
      const uint64_t length = std::min<uint64_t>(ReadVarint(&p, end), static_cast<uint64_t>(end - p));
      after = std::string_view(p, length) > term;
    }
    if (after) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low == 0 ? 0 : low - 1;
}

std::optional<TermStats> TermDictionary::Find(std::string_view term) const {
  if (count_ == 0) return std::nullopt;
  const size_t block = BlockOf(term);
  const std::string_view bytes = BlockBytes(block);
  const char* p = bytes.data();
  const char* end = p + bytes.size();
  uint32_t left = static_cast<uint32_t>(std::min<uint64_t>(kTermsInBlock, count_ - block * kTermsInBlock));
  // The previous entry is smaller than `term`, and the two share their first `matched` bytes. An entry that
  // shares more than `matched` bytes with the previous entry is also smaller than `term`; an entry that
  // shares fewer is larger.
  size_t matched = 0;
  TermStats stats;
  for (; left > 0 && p < end; --left) {
    const uint64_t shared = ReadVarint(&p, end);
    const uint64_t length = ReadVarint(&p, end);
    if (length > static_cast<uint64_t>(end - p)) return std::nullopt;
    const char* suffix = p;
    p += length;
    if (!ReadStats(&p, end, with_norms_, stats.handle, &stats)) return std::nullopt;
    if (shared > matched) continue;
    if (shared < matched) return std::nullopt;
    size_t i = 0;
    const size_t most = std::min<size_t>(length, term.size() - matched);
    while (i < most && suffix[i] == term[matched + i]) ++i;
    if (i == length && matched + i == term.size()) return stats;
    const bool smaller =
        i == length || (matched + i < term.size() &&
                        static_cast<uint8_t>(suffix[i]) < static_cast<uint8_t>(term[matched + i]));
    if (!smaller) return std::nullopt;
    matched += i;
  }
  return std::nullopt;
}

TermDictionary::Iterator::Iterator(const TermDictionary& dictionary, std::string_view from)
    : dictionary_(&dictionary) {
  if (dictionary.count_ == 0) return;
  LoadBlock(dictionary.BlockOf(from));
  while (valid_ && std::string_view(term_) < from) Next();
}

void TermDictionary::Iterator::LoadBlock(size_t block) {
  block_ = block;
  const std::string_view bytes = dictionary_->BlockBytes(block);
  p_ = bytes.data();
  end_ = p_ + bytes.size();
  left_ = static_cast<uint32_t>(
      std::min<uint64_t>(kTermsInBlock, dictionary_->count_ - static_cast<uint64_t>(block) * kTermsInBlock));
  term_.clear();
  stats_ = {};
  valid_ = true;
  Next();
}

void TermDictionary::Iterator::Next() {
  if (!valid_) return;
  if (left_ == 0) {
    valid_ = block_ + 1 < dictionary_->blocks();
    if (valid_) LoadBlock(block_ + 1);
    return;
  }
  --left_;
  const uint64_t shared = ReadVarint(&p_, end_);
  const uint64_t length = ReadVarint(&p_, end_);
  valid_ = shared <= term_.size() && length <= static_cast<uint64_t>(end_ - p_);
  if (!valid_) return;
  term_.resize(shared);
  term_.append(p_, length);
  p_ += length;
  valid_ = ReadStats(&p_, end_, dictionary_->with_norms_, stats_.handle, &stats_);
}

}  // namespace trine::index
