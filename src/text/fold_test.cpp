#include "text/fold.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "text/fold_table.hpp"
#include "text/utf8.hpp"

namespace uhoh::text {
namespace {

TEST(Fold, LowersTheLettersOfManyScripts) {
  EXPECT_EQ(fold("Hello 42!"), "hello 42!");
  EXPECT_EQ(fold("ÄÖÜ ÀÉÎ Þ ×"), "äöü àéî þ ×");
  EXPECT_EQ(fold("ŁÓDŹ Šípková ŸŽ"), "łódź šípková ÿž");
  EXPECT_EQ(fold("ΑΘΗΝΑ"), "αθηνα");
  EXPECT_EQ(fold("ПРИВЕТ, Ёлка ЂЊ"), "привет, ёлка ђњ");
  EXPECT_EQ(fold("ＡＢＣ１２"), "ａｂｃ１２");
  EXPECT_EQ(fold("漢字"), "漢字");
}

TEST(Fold, FoldsOneLetterToSeveral) {
  EXPECT_EQ(fold("Straße"), "strasse");
  EXPECT_EQ(fold("STRAẞE"), "strasse");
  EXPECT_EQ(fold("ﬁn"), "fin");
}

TEST(Fold, FinalSigmaIsASigma) { EXPECT_EQ(fold("ΟΔΟΣ"), fold("οδος")); }

TEST(Fold, AccentsStay) { EXPECT_NE(fold("é"), fold("e")); }

TEST(Fold, WrongBytesAreReplaced) { EXPECT_EQ(fold("A\xFFZ"), "a\uFFFDz"); }

TEST(Fold, TablesAreSorted) {
  for (std::size_t i = 1; i < std::size(fold_ranges); ++i)
    EXPECT_LT(fold_ranges[i - 1].last, fold_ranges[i].first) << i;
  for (std::size_t i = 1; i < std::size(full_folds); ++i)
    EXPECT_LT(full_folds[i - 1].code, full_folds[i].code) << i;
}

TEST(Fold, FoldingTwiceChangesNothingMore) {
  for (char32_t code = 0; code <= 0x1FFFF; ++code) {
    std::string s;
    append_char(code, s);
    const std::string once = fold(s);
    ASSERT_EQ(fold(once), once) << std::hex << static_cast<unsigned>(code);
  }
}

RC_GTEST_PROP(Fold, AnyBytesBecomeWellFormedUtf8, (const std::string& bytes)) {
  RC_ASSERT(is_valid_utf8(fold(bytes)));
}

TEST(NormaliseEmail, TrimsAndFolds) {
  EXPECT_EQ(normalise_email("  Joe.Bloggs@Example.COM\r\n"), "joe.bloggs@example.com");
  EXPECT_EQ(normalise_email(" \t "), "");
}

}  // namespace
}  // namespace uhoh::text
