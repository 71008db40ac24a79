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
        Row{"tent three", "tent"}, Row{"- 12 red", ""}})
    EXPECT_EQ(TitleHead(row.title), row.head) << row.title;
}

TEST(UseInTitle, TellsTheHeadFromWhatDescribesIt) {
  struct Row {
    const char *title, *word;
    TitleUse use;
    const char* last;
  };
  using enum TitleUse;
  for (const Row& row :
       {Row{"cordless drill 20v - orange", "drills", kHead, ""},
        Row{"corven drill bit set 10 pcs - orange", "drill", kFollowed, "bit"},
        Row{"drill-bit", "drill", kFollowed, "bit"}, Row{"hair dryer pro", "dryer", kHead, ""},
        Row{"case for tablets", "tablet", kDescribes, ""},
        Row{"case for tablets (tablet)", "tablet", kHead, ""}, Row{"해든 볼펜 3개입 퍼플", "볼펜", kHead, ""},
        Row{"해든 볼펜 리필심", "볼펜", kFollowed, "리필심"}, Row{"해든 볼펜세트", "볼펜", kHead, ""},
        Row{"필담 노트북 파우치 핑크", "노트북", kFollowed, "파우치"},
        Row{"노트북파우치", "노트북", kFollowed, "노트북파우치"},
        Row{"노트북용 파우치", "노트북", kDescribes, ""}, Row{"삼성 노트북 15", "노트", kFollowed, "노트북"},
        Row{"기모후드티 블랙", "후드티", kHead, ""}, Row{"나인블록 후디 hoodie", "후디", kHead, ""},
        Row{"hoodie\nhoodie hanger", "hoodie", kHead, ""}, Row{"mug", "cup", kAbsent, ""},
        Row{"", "cup", kAbsent, ""}, Row{"cup", "", kAbsent, ""}}) {
    const WordInTitle use = UseInTitle(row.title, row.word);
    EXPECT_EQ(use.use, row.use) << row.title;
    EXPECT_EQ(use.last, row.last) << row.title;
  }
}

}  // namespace
}  // namespace trine::language
