#include "language/title_head.h"

#include <gtest/gtest.h>

namespace trine::language {
namespace {

TEST(TitleHead, IsTheLastNounOfTheFirstPart) {
  struct Row {
    const char *title, *head;
  };
  for (const Row& row :
       {Row{"stonebridge pro hammer - red", "hammer"}, Row{"corven drill bit set 10 pcs - orange", "bit"},
        Row{"cordless drill 20v - orange", "drill"}, Row{"hair dryer pro", "dryer"},
        Row{"case for tablets", "case"}, Row{"desk lamp with shelf", "lamp"},
        Row{"jigsaw puzzle 500 pieces (ages 8+)", "puzzle"}, Row{"(new) rain jacket, navy", "jacket"},
        Row{"온결 기모 후드티 블랙", "후드티"}, Row{"해든 볼펜 리필심 3개입", "리필심"},
        Row{"온결 긴 코트 xl", "코트"}, Row{"[한정판] 양말 5켤레 세트", "양말"}, Row{"", ""},
        Row{"- 12 red", ""}})
    EXPECT_EQ(TitleHead(row.title), row.head) << row.title;
}

}  // namespace
}  // namespace trine::language
