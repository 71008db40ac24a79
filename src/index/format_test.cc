// Unit tests for the parts of the index file formats.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>

#include "base/random.h"
#include "index/bit_pack.h"
#include "index/buffer.h"
#include "index/bytes.h"
#include "index/live_bits.h"
#include "index/manifest.h"
#include "index/merge_policy.h"
#include "index/norm.h"
#include "index/row_set.h"
#include "index/segment.h"
#include "index/segment_writer.h"
#include "index/term_dictionary.h"
#include "index/term_table.h"
#include "storage/directory.h"
#include "test/support/naive_index.h"

namespace trine::index {
namespace {

template <typename T>
void ExpectOtherVersion(const Result<T>& result, int version, int own = 1) {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), ErrorKind::kFormatVersion);
  EXPECT_EQ(result.error().expected, "format version " + std::to_string(own));
  EXPECT_EQ(result.error().got, std::to_string(version));
}

TEST(BitPack, RoundTripsEveryWidth) {
  Random random(1);
  for (int width = 0; width <= 32; ++width) {
    uint32_t values[kPackedValues], back[kPackedValues];
    const uint64_t bound = uint64_t{1} << width;
    for (uint32_t& v : values) v = static_cast<uint32_t>(random.Below(bound));
    if (width > 0) values[17] = static_cast<uint32_t>(bound - 1);
    ASSERT_EQ(PackedWidth(values), width);
    std::string bytes;
    Pack(values, width, &bytes);
    ASSERT_EQ(bytes.size(), PackedBytes(width));
    Unpack(bytes.data(), width, back);
    for (size_t i = 0; i < kPackedValues; ++i) ASSERT_EQ(back[i], values[i]) << width << " " << i;
    UnpackDeltas(bytes.data(), width, 7, back);
    uint32_t sum = 7;
    for (size_t i = 0; i < kPackedValues; ++i) ASSERT_EQ(back[i], sum += values[i]) << width << " " << i;
  }
}

// The expected numbers come from Lucene's SmallFloat.intToByte4.
TEST(Norm, MatchesLuceneSmallFloat) {
  for (uint32_t length = 0; length < 40; ++length) EXPECT_EQ(DecodeLength(EncodeLength(length)), length);
  EXPECT_EQ(EncodeLength(40), 40);
  EXPECT_EQ(EncodeLength(41), 40);
  EXPECT_EQ(EncodeLength(42), 41);
  EXPECT_EQ(EncodeLength(0x7fffffff), 255);
  EXPECT_EQ(EncodeLength(UINT32_MAX), 255);
  EXPECT_EQ(DecodeLength(255), 2013265944u);
  for (int norm = 0; norm < 256; ++norm)
    EXPECT_EQ(EncodeLength(DecodeLength(static_cast<uint8_t>(norm))), norm);
  for (uint32_t length = 1; length < 1'000'000; length += 37) {
    EXPECT_LE(DecodeLength(EncodeLength(length)), length);
    EXPECT_LE(EncodeLength(length - 1), EncodeLength(length));
  }
}

TEST(RowSet, RankAndAtMatchTheEncodedRows) {
  Random random(3);
  for (const auto& [rows, chance] : {std::pair<uint32_t, double>{1000, 1.0},
                                     {1000, 0.5},
                                     {1000, 0.05},
                                     {1000, 0.01},
                                     {1000, 0.0},
                                     {64, 0.4},
                                     {1, 1.0},
                                     {0, 0.0}}) {
    for (const bool list_only : {false, true}) {
      std::vector<Row> members;
      for (Row row = 0; row < rows; ++row) {
        if (random.Uniform() < chance) members.push_back(row);
      }
      std::string bytes;
      const RowSetKind kind = EncodeRowSet(members, rows, list_only, &bytes);
      EXPECT_TRUE(!list_only || kind != RowSetKind::kBitmap);
      const auto set = RowSet::Open(kind, bytes, static_cast<uint32_t>(members.size()), rows);
      ASSERT_TRUE(set);
      uint32_t rank = 0;
      for (Row row = 0; row < rows; ++row) {
        const bool member = rank < members.size() && members[rank] == row;
        ASSERT_EQ(set->Rank(row), member ? rank : RowSet::kAbsent);
        if (!member) continue;
        ASSERT_EQ(set->At(rank), row);
        ++rank;
      }
      EXPECT_EQ(set->Rank(rows), RowSet::kAbsent);
      EXPECT_FALSE(RowSet::Open(kind, bytes + "x", static_cast<uint32_t>(members.size()), rows));
    }
  }
  EXPECT_FALSE(RowSet::Open(static_cast<RowSetKind>(9), "", 0, 0));
}

TEST(TermDictionary, FindsTermsAndIteratesInOrder) {
  Random random(4);
  std::set<std::string> terms = {"", std::string(1, '\0'), "캠핑", "캠핑의자", std::string(300, 'z')};
  for (int i = 0; i < 2000; ++i) {
    std::string term;
    for (uint64_t n = random.Below(12); n > 0; --n) term += static_cast<char>(random.Below(4) * 80);
    terms.insert(term);
  }
  TermDictionaryWriter writer(true);
  uint64_t handle = 0;
  std::map<std::string, TermStats> expected;
  for (const std::string& term : terms) {
    const auto rows = static_cast<uint32_t>(1 + random.Below(300));
    TermStats stats{rows, rows + random.Below(3), 3, static_cast<uint8_t>(random.Below(256)), handle};
    if (stats.total_frequency == stats.row_count) stats.max_frequency = 1;
    handle += random.Below(1000);
    writer.Add(term, stats);
    expected[term] = stats;
  }
  const auto dictionary = TermDictionary::Open(writer.blocks(), writer.index(), writer.count(), true);
  ASSERT_TRUE(dictionary);
  for (const auto& [term, stats] : expected) {
    const auto found = dictionary->Find(term);
    ASSERT_TRUE(found) << term;
    EXPECT_EQ(found->row_count, stats.row_count);
    EXPECT_EQ(found->total_frequency, stats.total_frequency);
    EXPECT_EQ(found->max_frequency, stats.max_frequency);
    EXPECT_EQ(found->min_norm, stats.min_norm);
    EXPECT_EQ(found->handle, stats.handle);
    const std::string near = term + static_cast<char>(random.Below(256));
    EXPECT_EQ(dictionary->Find(near).has_value(), expected.contains(near));
    TermDictionary::Iterator it(*dictionary, near);
    const auto next = expected.lower_bound(near);
    ASSERT_EQ(it.Valid(), next != expected.end());
    EXPECT_TRUE(!it.Valid() || it.term() == next->first);
  }
  EXPECT_FALSE(TermDictionary::Open(writer.blocks(), writer.index(), writer.count() + 32, true));
  EXPECT_FALSE(TermDictionary::Open("", writer.index(), writer.count(), true));
}

TEST(TermTable, AssignsNumbersInOrderOfFirstUse) {
  TermTable table;
  for (int round = 0; round < 2; ++round) {
    for (uint32_t i = 0; i < 5000; ++i) ASSERT_EQ(table.Intern("term" + std::to_string(i)), i);
  }
  EXPECT_EQ(table.Intern(""), 5000u);
  EXPECT_EQ(table.Intern(std::string(200'000, 'x')), 5001u);
  EXPECT_EQ(table.at(4321), "term4321");
  const auto sorted = table.Sorted();
  for (size_t i = 1; i < sorted.size(); ++i) EXPECT_LT(table.at(sorted[i - 1]), table.at(sorted[i]));
}

TEST(LiveBits, RoundTripsAndRejectsDamage) {
  LiveBits bits(130);
  EXPECT_TRUE(bits.Clear(129));
  EXPECT_FALSE(bits.Clear(129));
  EXPECT_TRUE(bits.Clear(0));
  EXPECT_FALSE(bits.Clear(130));
  const std::string bytes = EncodeLiveBits(bits);
  const LiveBitsPtr back = DecodeLiveBits(bytes, 130).value();
  EXPECT_EQ(back->live, 128u);
  EXPECT_EQ(back->words, bits.words);
  EXPECT_FALSE(DecodeLiveBits(bytes, 131).ok());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string broken = bytes;
    broken[i] = static_cast<char>(broken[i] ^ 1);
    EXPECT_FALSE(DecodeLiveBits(broken, 130).ok()) << i;
    EXPECT_FALSE(DecodeLiveBits(bytes.substr(0, i), 130).ok()) << i;
  }
}

TEST(Manifest, RoundTripsAndRejectsDamage) {
  Manifest manifest;
  manifest.durable = SeqNo{123};
  manifest.add_end = SeqNo{120};
  manifest.next_number = 9;
  manifest.segments = {{3, 100, 5000, 0x00ab12cd, 0}, {7, 20, 900, 0xffffffff, 8}};
  const std::string text = EncodeManifest(manifest);
  EXPECT_EQ(DecodeManifest(text).value(), manifest);
  EXPECT_EQ(DecodeManifest(EncodeManifest({})).value(), Manifest{});
  for (size_t i = 0; i < text.size(); ++i) {
    std::string broken = text;
    broken[i] = static_cast<char>(broken[i] ^ 1);
    EXPECT_EQ(DecodeManifest(broken).error().kind(), ErrorKind::kCorrupt) << i;
    EXPECT_FALSE(DecodeManifest(text.substr(0, i)).ok()) << i;
  }
  EXPECT_FALSE(DecodeManifest(text + "\n").ok());
}

// A file with a correct checksum and an unsupported version is intact, not damaged.
TEST(LiveBits, ReportsUnsupportedFormatVersion) {
  for (const char* digits : {"00", "02", "17"}) {
    std::string bytes = EncodeLiveBits(LiveBits(130));
    bytes.replace(6, 2, digits);
    EXPECT_EQ(DecodeLiveBits(bytes, 130).error().kind(), ErrorKind::kCorrupt)
        << "the checksum does not match";
    bytes.resize(bytes.size() - 4);
    AppendFixed<uint32_t>(storage::Crc32c(bytes), &bytes);
    ExpectOtherVersion(DecodeLiveBits(bytes, 130), std::stoi(digits));
  }
}

TEST(Manifest, ReportsUnsupportedFormatVersion) {
  for (const int version : {0, 2, 10}) {
    std::string text = "trine index manifest " + std::to_string(version) + "\nwhatever it has\n";
    char last[16];
    std::snprintf(last, sizeof(last), "end %08x\n", storage::Crc32c(text));
    EXPECT_EQ(DecodeManifest(text + "end 00000000\n").error().kind(), ErrorKind::kCorrupt);
    ExpectOtherVersion(DecodeManifest(text + last), version);
  }
}

TEST(MergePolicy, MergesTenAdjacentSegmentsOnOneLevel) {
  MergePolicy policy;
  policy.floor_bytes = 1000;
  std::vector<MergeCandidate> segments(9, {100, 10, 10, true});
  EXPECT_FALSE(NextMerge(segments, policy));
  segments.push_back({900, 10, 10, true});
  EXPECT_EQ(NextMerge(segments, policy), (MergeRange{0, 10}));
  segments.insert(segments.begin(), {1'000'000, 10, 10, true});
  EXPECT_EQ(NextMerge(segments, policy), (MergeRange{1, 11}))
      << "a large segment is not rewritten for small ones";
  segments[5].mergeable = false;
  EXPECT_FALSE(NextMerge(segments, policy));
}

TEST(MergePolicy, RewritesSegmentsWithManyDeletedRows) {
  MergePolicy policy;
  EXPECT_EQ(NextMerge({{100, 10, 10, true}, {100, 10, 5, true}}, policy), (MergeRange{1, 2}));
  EXPECT_FALSE(NextMerge({{100, 10, 8, true}}, policy));
}

TEST(MergePolicy, KeepsTheNumberOfSegmentsSmall) {
  MergePolicy policy;
  policy.floor_bytes = 1000;
  std::vector<MergeCandidate> segments;
  uint64_t written = 0;
  for (int i = 0; i < 10'000; ++i) {
    segments.push_back({800, 10, 10, true});
    while (const auto range = NextMerge(segments, policy)) {
      MergeCandidate merged{0, 0, 0, true};
      for (size_t s = range->begin; s < range->end; ++s) {
        merged.bytes += segments[s].bytes;
        merged.rows += segments[s].rows;
        merged.live_rows += segments[s].live_rows;
      }
      written += merged.bytes;
      const auto begin = segments.begin() + static_cast<ptrdiff_t>(range->begin);
      segments.erase(begin, begin + static_cast<ptrdiff_t>(range->end - range->begin));
      segments.insert(segments.begin() + static_cast<ptrdiff_t>(range->begin), merged);
    }
    ASSERT_LT(segments.size(), 45u);
  }
  EXPECT_LT(written, 8'000'000u * 6) << "each byte is written once per level";
}

std::string SomeSegment(uint64_t seed, int rows) {
  Random random(seed);
  Buffer buffer;
  for (int i = 0; i < rows; ++i) {
    EXPECT_TRUE(
        buffer.Add(test::RandomDocument(SeqNo{static_cast<uint64_t>(i) * 3}, std::to_string(i), &random))
            .ok());
  }
  return buffer.Seal().segment;
}

TEST(Segment, RejectsAnyFlippedBit) {
  const std::string bytes = SomeSegment(1, 40);
  ASSERT_TRUE(OpenVerifiedSegment(bytes).ok());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string broken = bytes;
    broken[i] = static_cast<char>(broken[i] ^ (1 << (i % 8)));
    ASSERT_EQ(OpenVerifiedSegment(broken).error().kind(), ErrorKind::kCorrupt) << i;
  }
  for (size_t n = 0; n < bytes.size(); n += 7)
    ASSERT_FALSE(OpenVerifiedSegment(bytes.substr(0, n)).ok()) << n;
}

TEST(Segment, ReportsUnsupportedFormatVersion) {
  std::string bytes = SomeSegment(3, 10);
  bytes.replace(6, 2, "03");
  EXPECT_EQ(OpenVerifiedSegment(bytes).error().kind(), ErrorKind::kCorrupt)
      << "only one end has the new version";
  bytes.replace(bytes.size() - 2, 2, "03");
  ExpectOtherVersion(OpenVerifiedSegment(bytes), 3, 2);
  bytes.replace(6, 2, "00");
  bytes.replace(bytes.size() - 2, 2, "00");
  ExpectOtherVersion(OpenVerifiedSegment(bytes), 0, 2);
}

// With a damaged body and an intact structure, wrong results are allowed; out-of-bounds reads are not.
TEST(Segment, DamagedBodyNeverCausesOutOfBoundsReads) {
  const std::string bytes = SomeSegment(2, 700);
  Random random(6);
  const uint64_t toc = Load<uint64_t>(bytes.data() + bytes.size() - kSegmentFooterBytes);
  for (int round = 0; round < 300; ++round) {
    std::string broken = bytes;
    for (uint64_t n = 1 + random.Below(20); n > 0; --n) {
      broken[kMagicBytes + random.Below(toc - kMagicBytes)] = static_cast<char>(random.Next());
    }
    const auto segment = Segment::OpenHeap(broken, "memory");
    if (!segment.ok()) continue;
    test::TouchAll(SegmentView(*segment, nullptr));
  }
}

TEST(Buffer, RejectsInvalidDocumentsAndStaysUsable) {
  Buffer buffer;
  Random random(7);
  ASSERT_TRUE(buffer.Add(test::RandomDocument(SeqNo{0}, "a", &random)).ok());
  IndexDocument twice = test::RandomDocument(SeqNo{1}, "b", &random);
  twice.fields.push_back(twice.fields[0]);
  EXPECT_EQ(buffer.Add(twice).error().kind(), ErrorKind::kInvalid);
  IndexDocument longer = test::RandomDocument(SeqNo{1}, "b", &random);
  longer.fields[0].occurrences.push_back({std::string(40'000, 'x'), 500});
  EXPECT_EQ(buffer.Add(longer).error().code, ErrorCode::kTermTooLong);
  IndexDocument vector{SeqNo{1}, "b", {}};
  vector.fields.emplace_back().field = "v";
  vector.fields.back().vector = {1, 2};
  ASSERT_TRUE(buffer.Add(vector).ok());
  vector.seq_no = SeqNo{2};
  vector.fields.back().vector = {1, 2, 3};
  EXPECT_FALSE(buffer.Add(vector).ok());
  ASSERT_TRUE(buffer.Add(test::RandomDocument(SeqNo{2}, "c", &random)).ok());
  EXPECT_EQ(buffer.rows(), 3u);
  const auto sealed = buffer.Seal();
  EXPECT_TRUE(OpenVerifiedSegment(sealed.segment).ok());
}

}  // namespace
}  // namespace trine::index
