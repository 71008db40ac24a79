#include "analysis/part_of_speech.h"

#include <array>

#include "base/text.h"

namespace trine::analysis {
namespace {

// In the order of PartOfSpeech. Source: pos-id.def of mecab-ko-dic 2.1.1 and Lucene 10's
// org.apache.lucene.analysis.ko.POS, which use the same names.
constexpr std::array<std::string_view, kPartsOfSpeech> kNames = {
    "",    "EP",  "EF", "EC",  "ETN", "ETM", "IC",      "JKS", "JKC", "JKG",  "JKO", "JKB", "JKV",
    "JKQ", "JX",  "JC", "MAG", "MAJ", "MM",  "NNG",     "NNP", "NNB", "NNBC", "NP",  "NR",  "SF",
    "SH",  "SL",  "SN", "SP",  "SSC", "SSO", "SC",      "SY",  "SE",  "VA",   "VCN", "VCP", "VV",
    "VX",  "XPN", "XR", "XSA", "XSN", "XSV", "UNKNOWN", "UNA", "NA",  "VSV"};
static_assert(kNames.back() == "VSV");

}  // namespace

PartOfSpeech PartOfSpeechOf(std::string_view mecab_tag) {
  const std::string_view first = mecab_tag.substr(0, mecab_tag.find('+'));
  for (size_t i = 1; i < kNames.size(); ++i) {
    if (kNames[i] == first) return static_cast<PartOfSpeech>(i);
  }
  return PartOfSpeech::kUnknown;
}

bool AddPartOfSpeech(std::string_view name, PartOfSpeechSet* set) {
  const std::string wanted = ToUpperAscii(name);
  const bool group = wanted == "E" || wanted == "J";
  bool found = false;
  for (size_t i = 1; i < kNames.size(); ++i) {
    if (group ? kNames[i].starts_with(wanted) : kNames[i] == wanted) {
      set->set(i);
      found = true;
    }
  }
  return found;
}

std::string PartOfSpeechNames() {
  std::string names = "E J";
  for (size_t i = 1; i < kNames.size(); ++i) names.append(" ").append(kNames[i]);
  return names;
}

PartOfSpeechSet DefaultStopTags() {
  PartOfSpeechSet tags;
  for (const char* name : {"E", "IC", "J", "MAG", "MAJ", "MM", "SP", "SSC", "SSO", "SC", "SE", "XPN", "XSA",
                           "XSN", "XSV", "UNA", "NA", "VSV"}) {
    AddPartOfSpeech(name, &tags);
  }
  return tags;
}

}  // namespace trine::analysis
