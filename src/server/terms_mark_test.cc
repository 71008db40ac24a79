#include "server/terms_mark.h"

#include <gtest/gtest.h>

namespace trine::server {
namespace {

TEST(TermsMark, IsReadIfItIsWhole) {
  for (const char* bad : {"", "trine terms ", "trine terms x\n", "trine terms 2", "trine terms 0\n",
                          "trine terms 2\nkorean\n", "trine terms 2\nkorean dictionary"})
    EXPECT_FALSE(ReadTermsMark(bad)) << bad;
  EXPECT_EQ(ReadTermsMark("trine terms 7\n")->version, 7u);
  EXPECT_FALSE(ReadTermsMark("trine terms 7\n")->korean_dictionary);
  EXPECT_TRUE(*ReadTermsMark(TermsMarkText(true))->korean_dictionary);
  EXPECT_FALSE(*ReadTermsMark(TermsMarkText(false))->korean_dictionary);
}

}  // namespace
}  // namespace trine::server
