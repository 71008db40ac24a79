// Measures the quality of Korean analysis: NDCG@10 of BM25 on questions that each have one relevant passage.
//   bench_korquad DATA_DIR [DICTIONARY_DIR]
// DATA_DIR holds corpus.jsonl.gz (_id, title, text), queries.jsonl.gz (_id, text) and qrels.tsv.gz. Prints
// one line per analyzer: NDCG@10, NDCG@10 when alternatives at one position are scored as separate terms, the
// number of distinct terms, the mean length and the analysis speed in MB/s. BM25 has k1 = 1.2 and b = 0.75;
// title and text form one field; passages with equal scores each get the mean gain of their ranks.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/analyzer.h"
#include "format/csv.h"
#include "format/json.h"
#include "format/text.h"

namespace {

using trine::analysis::Analyzer;
using trine::analysis::Token;

std::string ReadGzip(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream raw;
  raw << file.rdbuf();
  const std::string packed = raw.str();
  const auto source = trine::format::NewGunzipSource(trine::format::NewStringSource(packed));
  std::string text;
  for (;;) {
    auto piece = source->Next();
    if (!piece.ok() || piece->empty()) return text;
    text.append(*piece);
  }
}

struct Entry {
  std::string id;
  std::string text;
};

std::vector<Entry> ReadEntries(const std::string& path) {
  const std::string text = ReadGzip(path);
  std::vector<Entry> entries;
  std::string_view rest = text;
  while (const auto line = trine::format::NextLine(&rest)) {
    const auto json = trine::format::ParseJson(*line);
    if (!json.ok()) continue;
    const auto* title = json->Find("title");
    entries.push_back({json->Find("_id")->string(),
                       (title == nullptr ? "" : title->string() + " ") + json->Find("text")->string()});
  }
  return entries;
}

std::map<std::string, std::string> ReadJudgments(const std::string& path) {
  const std::string text = ReadGzip(path);
  std::map<std::string, std::string> relevant;
  std::stringstream lines(text);
  std::string query, passage, score;
  lines >> query >> passage >> score;  // the header
  while (lines >> query >> passage >> score) relevant[query] = passage;
  return relevant;
}

class Index {
 public:
  Index(const Analyzer& analyzer, const std::vector<Entry>& passages) : analyzer_(analyzer) {
    std::vector<double> lengths;
    double total = 0;
    std::vector<Token> tokens;
    for (uint32_t i = 0; i < passages.size(); ++i) {
      tokens.clear();
      analyzer.Analyze(passages[i].text, &tokens);
      size_t length = 0;
      for (size_t t = 0; t < tokens.size(); ++t) {
        length += t == 0 || tokens[t].position != tokens[t - 1].position;
        auto& list = postings_[tokens[t].term];
        if (list.empty() || list.back().first != i) list.emplace_back(i, 0);
        ++list.back().second;
      }
      lengths.push_back(static_cast<double>(length));
      total += lengths.back();
    }
    mean_length_ = total / static_cast<double>(passages.size());
    for (const double length : lengths) norms_.push_back(1.2 * (0.25 + 0.75 * length / mean_length_));
  }

  std::vector<double> Score(const std::string& question, bool together) const {
    std::vector<Token> tokens;
    analyzer_.Analyze(question, &tokens);
    std::map<uint32_t, std::vector<std::string>> groups;
    uint32_t number = 0;
    for (const Token& token : tokens) groups[together ? token.position : number++].push_back(token.term);
    std::vector<double> scores(norms_.size());
    for (const auto& [position, terms] : groups) AddGroup(terms, &scores);
    return scores;
  }
  size_t terms() const { return postings_.size(); }
  double mean_length() const { return mean_length_; }

 private:
  // Alternatives count as one term: their frequencies add up, and the idf is that of the most common one.
  void AddGroup(const std::vector<std::string>& terms, std::vector<double>* scores) const {
    std::unordered_map<uint32_t, double> frequencies;
    size_t documents = 0;
    for (const std::string& term : terms) {
      const auto it = postings_.find(term);
      if (it == postings_.end()) continue;
      documents = std::max(documents, it->second.size());
      for (const auto& [row, count] : it->second) frequencies[row] += count;
    }
    const double n = static_cast<double>(norms_.size());
    const double df = static_cast<double>(documents);
    const double idf = std::log(1 + (n - df + 0.5) / (df + 0.5));
    for (const auto& [row, f] : frequencies) (*scores)[row] += idf * f / (f + norms_[row]);
  }

  const Analyzer& analyzer_;
  std::unordered_map<std::string, std::vector<std::pair<uint32_t, uint32_t>>> postings_;
  std::vector<double> norms_;
  double mean_length_ = 0;
};

double Gain(const std::vector<double>& scores, size_t relevant) {
  const double own = scores[relevant];
  if (own <= 0) return 0;
  const auto better =
      static_cast<size_t>(std::count_if(scores.begin(), scores.end(), [own](double s) { return s > own; }));
  const auto equal = static_cast<size_t>(std::count(scores.begin(), scores.end(), own));
  double gain = 0;
  for (size_t i = 0; i < equal && better + i < 10; ++i)
    gain += 1 / std::log2(static_cast<double>(better + i) + 2);
  return gain / static_cast<double>(equal);
}

struct Data {
  std::vector<Entry> passages, questions;
  std::map<std::string, std::string> relevant;
};

void Measure(const char* label, const Analyzer& analyzer, const Data& data) {
  const Index index(analyzer, data.passages);
  std::map<std::string, size_t> rows;
  size_t bytes = 0;
  for (size_t i = 0; i < data.passages.size(); ++i) {
    rows[data.passages[i].id] = i;
    bytes += data.passages[i].text.size();
  }
  double sum[2] = {0, 0};
  for (const Entry& question : data.questions) {
    const size_t relevant = rows.at(data.relevant.at(question.id));
    for (const int together : {1, 0})
      sum[together] += Gain(index.Score(question.text, together == 1), relevant);
  }
  const auto start = std::chrono::steady_clock::now();
  std::vector<Token> tokens;
  for (const Entry& passage : data.passages) {
    tokens.clear();
    analyzer.Analyze(passage.text, &tokens);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double n = static_cast<double>(data.questions.size());
  std::printf("%-28s %.4f   %.4f %8zu terms %6.1f mean length %8.2f MB/s\n", label, sum[1] / n, sum[0] / n,
              index.terms(), index.mean_length(), static_cast<double>(bytes) / took.count() / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_korquad DATA_DIR [DICTIONARY_DIR]\n");
    return 2;
  }
  const std::string folder = argv[1];
  const Data data{ReadEntries(folder + "/corpus.jsonl.gz"), ReadEntries(folder + "/queries.jsonl.gz"),
                  ReadJudgments(folder + "/qrels.tsv.gz")};
  if (data.passages.empty() || data.questions.empty()) {
    std::fprintf(stderr, "bench_korquad: no passages or questions in %s\n", folder.c_str());
    return 1;
  }
  std::printf("%zu passages, %zu questions\n%-28s NDCG@10  apart\n", data.passages.size(),
              data.questions.size(), "");
  const auto plain = trine::analysis::NewAnalyzers({});
  for (const char* name : {"whitespace", "standard", "cjk", "korean"}) {
    Measure(std::string(name) == "korean" ? "korean, no dictionary" : name, **plain.value()->Find(name),
            data);
  }
  if (argc < 3) return 0;
  const auto full = trine::analysis::NewAnalyzers({argv[2], ""});
  if (!full.ok()) {
    std::fprintf(stderr, "bench_korquad: %s\n", full.error().ToString().c_str());
    return 1;
  }
  Measure("korean", **full.value()->Find("korean"), data);
  trine::analysis::AnalysisSettings settings;
  for (const char* mode : {"discard", "none"}) {
    settings.configured["k"] = {"korean", {{"decompound_mode", mode}}};
    Measure((std::string("korean, ") + mode).c_str(), **full.value()->Build("k", settings), data);
  }
  return 0;
}
