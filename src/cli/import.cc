// `trine import`: reads a CSV or NDJSON file and sends its rows to a server as documents, items, users or
// events.
#include <cstdio>
#include <fstream>

#include "cli/connection.h"
#include "cli/import_options.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/usage.h"
#include "format/text.h"
#include "language/plain_text.h"

namespace trine::cli {
namespace {

using format::Json;

constexpr size_t kBatchRows = 2000;

// Reads a file in pieces of 1 MiB.
class FileSource final : public format::ByteSource {
 public:
  explicit FileSource(const std::string& path) : in_(path, std::ios::binary), buffer_(1 << 20, '\0') {}
  bool ok() const { return in_.is_open(); }
  Result<std::string_view> Next() override {
    in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    if (in_.bad()) return Error(ErrorCode::kIo, "cannot read the file");
    return std::string_view(buffer_.data(), static_cast<size_t>(in_.gcount()));
  }

 private:
  std::ifstream in_;
  std::string buffer_;
};

// The CSV file of rejected rows: line, reason, row. Created for the first of them. An error of the disk is an
// error of the import, because a rejected row must not be lost.
class RejectFile {
 public:
  explicit RejectFile(std::string path) : path_(std::move(path)) {}
  Status Add(uint64_t line, const std::string& raw, const Error& why) {
    if (!out_.is_open()) out_.open(path_, std::ios::binary | std::ios::trunc);
    if (first_.empty()) first_ = "line " + std::to_string(line) + ": " + why.ToString();
    std::string row;
    format::AppendCsvRow({std::to_string(line), why.ToString(), raw}, &row);
    out_ << row;
    return Check();
  }
  Status Finish() {
    if (out_.is_open()) out_.close();
    return Check();
  }
  const std::string& first() const { return first_; }

 private:
  Status Check() const {
    if (out_) return Ok();
    return Error(ErrorCode::kIo, "cannot write the reject file; choose another with --reject-file")
        .Where(path_);
  }
  const std::string path_;
  std::ofstream out_;
  std::string first_;
};

// Sends rows in batches; a batch is acknowledged before the next one is gathered.
class BatchSender {
 public:
  BatchSender(Connection& connection, const ImportArguments& options)
      : connection_(connection), options_(options) {}

  Status Add(operations::ImportedRow row) {
    if (options_.type == "interactions") TRINE_TRY(CheckEvent(row.event));
    if (options_.type == "documents")
      AddDocument(row);
    else
      rows_.Push(RowJson(std::move(row)));
    TRINE_DCHECK_LT(count_, kBatchRows);
    return ++count_ >= kBatchRows ? Send() : Ok();
  }

  Status Send() {
    if (count_ == 0) return Ok();
    count_ = 0;
    if (options_.type == "documents") return SendDocuments();
    Json body;
    body.Set("dataset_group", options_.group);
    body.Set("create", true);
    const std::string list = options_.type == "interactions" ? "events" : options_.type;
    body.Set(list, std::move(rows_));
    rows_ = Json();
    auto sent = connection_.Call("POST", "/_trine/" + list, body);
    return sent.ok() ? Ok() : Status(std::move(sent).error());
  }

  // Makes the documents searchable and prepares the index for questions. The documents are already stored, so
  // failures here are only printed.
  void Finish() {
    if (options_.type != "documents" || !index_known_) return;
    Json body;
    body.Set("index", options_.index);
    for (const auto& done :
         {connection_.Call("POST", "/" + format::PercentEncode(options_.index) + "/_refresh", {}),
          connection_.Call("POST", "/_trine/prepare", body)}) {
      if (!done.ok()) std::fprintf(stderr, "note: %s\n", format::Printable(done.error().message).c_str());
    }
  }

  uint64_t refused() const { return refused_; }
  const std::string& first_refusal() const { return first_refusal_; }

 private:
  void AddDocument(const operations::ImportedRow& row) {
    Json action, meta;
    meta.Set("_id", row.id);
    action.Set("index", std::move(meta));
    bulk_ += format::ToString(action) + "\n" + format::ToString(row.attributes) + "\n";
  }
  Json RowJson(operations::ImportedRow row) const {
    Json out, impression(Json::Array{});
    if (options_.type == "interactions") {
      const history::Event& e = row.event;
      out.Set("user_id", e.user_id);
      out.Set("item_id", e.item_id);
      out.Set("event_type", e.type);
      out.Set("timestamp", static_cast<double>(e.time.value) / 1000.0);
      if (!e.session_id.empty()) out.Set("session_id", e.session_id);
      if (e.value) out.Set("value", *e.value);
      if (!e.event_id.empty()) out.Set("event_id", e.event_id);
      if (!e.recommendation_id.empty()) out.Set("recommendation_id", e.recommendation_id);
      for (const std::string& shown : e.impression) impression.Push(shown);
      if (!e.impression.empty()) out.Set("impression", std::move(impression));
      for (const auto& [name, value] : e.attributes)
        out.Set("attributes", out.Find("attributes") != nullptr ? *out.Find("attributes") : Json())
            .Set(name, value);
    } else {
      out.Set("id", options_.type == "users" ? row.user.id : row.id);
      out.Set("attributes",
              options_.type == "users" ? std::move(row.user.attributes) : std::move(row.attributes));
    }
    return out;
  }
  // Creates the index unless it exists. Korean text needs its own analyzer, so the language of the first
  // batch determines the analyzer.
  Status MakeIndex() {
    const std::string path = "/" + format::PercentEncode(options_.index);
    if (std::exchange(index_known_, true) || connection_.Call("GET", path, {}).ok()) return Ok();
    const bool korean = language::HasHangul(bulk_);
    const std::string analyzer = options_.analyzer.empty() && korean ? "korean" : options_.analyzer;
    Json body;
    if (!analyzer.empty()) {
      Json type;
      type.Set("type", analyzer);
      body.Set("settings", Json{})
          .Set("analysis", Json{})
          .Set("analyzer", Json{})
          .Set("default", std::move(type));
    }
    auto made = connection_.Call("PUT", path, body.is_null() ? Json(Json::Object{}) : body);
    return made.ok() ? Ok() : Status(std::move(made).error());
  }

  Status SendDocuments() {
    TRINE_DCHECK(!bulk_.empty());
    TRINE_TRY(MakeIndex());
    auto sent = connection_.CallRaw("POST", "/" + format::PercentEncode(options_.index) + "/_bulk",
                                    std::move(bulk_), "application/x-ndjson");
    bulk_.clear();
    if (!sent.ok()) return std::move(sent).error();
    const Json* items = sent->Find("items");
    if (items == nullptr || !items->is_array()) return Ok();
    for (const Json& item : items->array()) {
      const Json* error = item.FindPath("index.error.reason");
      if (error == nullptr) continue;
      if (refused_++ == 0) first_refusal_ = format::ToString(*error);
    }
    return Ok();
  }

  Connection& connection_;
  const ImportArguments& options_;
  Json rows_;
  std::string bulk_;
  size_t count_ = 0;
  uint64_t refused_ = 0;
  bool index_known_ = false;
  std::string first_refusal_;
};

// What the import found out about the file.
void PrintNotes(const operations::ImportCounts& counts) {
  std::fprintf(stderr, "encoding: %s\n", counts.notes.encoding.c_str());
  if (counts.notes.skipped_lines > 0)
    std::fprintf(stderr, "skipped %zu lines before the header\n", counts.notes.skipped_lines);
  if (counts.notes.repeated_headers > 0)
    std::fprintf(stderr, "skipped %llu repeated headers\n",
                 static_cast<unsigned long long>(counts.notes.repeated_headers));
  if (counts.broken > 0)
    std::fprintf(stderr, "%llu rows contain bytes that cannot be decoded and were replaced; first: %s\n",
                 static_cast<unsigned long long>(counts.broken),
                 format::Printable(counts.first_broken).c_str());
}

void PrintReport(const Invocation& invocation, const ImportArguments& o,
                 const operations::ImportCounts& counts, const BatchSender& sender,
                 const std::string& first_reject) {
  TRINE_CHECK_LE(sender.refused(), counts.kept);
  const uint64_t rejected = counts.rejected + sender.refused();
  if (invocation.json) {
    Json out;
    out.Set("rows", counts.rows);
    out.Set("kept", counts.kept - sender.refused());
    out.Set("rejected", rejected);
    out.Set("unread", counts.unread);
    out.Set("broken", counts.broken);
    out.Set("encoding", counts.notes.encoding);
    if (counts.notes.skipped_lines > 0)
      out.Set("skipped_lines", static_cast<uint64_t>(counts.notes.skipped_lines));
    if (counts.notes.repeated_headers > 0) out.Set("repeated_headers", counts.notes.repeated_headers);
    if (counts.rejected > 0 && !o.reject_file.empty()) out.Set("reject_file", o.reject_file);
    std::printf("%s\n", format::ToString(out).c_str());
    return;
  }
  if (counts.unread > 0)
    std::fprintf(stderr, "%llu values could not be parsed and were skipped; first: %s\n",
                 static_cast<unsigned long long>(counts.unread),
                 format::Printable(counts.first_unread).c_str());
  PrintNotes(counts);
  std::printf("%llu rows: %llu kept, %llu rejected\n", static_cast<unsigned long long>(counts.rows),
              static_cast<unsigned long long>(counts.kept - sender.refused()),
              static_cast<unsigned long long>(rejected));
  if (counts.rejected > 0)
    std::fprintf(stderr, "first rejected: %s; %s\n", format::Printable(first_reject).c_str(),
                 ("all are in " + o.reject_file).c_str());
  if (sender.refused() > 0)
    std::fprintf(stderr, "first rejected document: %s\n", format::Printable(sender.first_refusal()).c_str());
}

int RunImport(const Invocation& invocation, ImportArguments& o) {
  if (o.type == "documents" ? o.index.empty() : o.group.empty()) {
    return Fail(Error(ErrorCode::kUsage, o.type == "documents"
                                             ? "missing option --index: the index for the documents"
                                             : "missing option --group: the dataset group for the rows"));
  }
  auto options = ToImportOptions(o);
  if (!options.ok()) return Fail(options.error());
  auto file = std::make_unique<FileSource>(o.file);
  if (!file->ok()) return Fail(Error(ErrorCode::kIo, "cannot open the file").Where(o.file));
  std::unique_ptr<format::ByteSource> source = std::move(file);
  auto connection = Connection::Open(invocation);
  if (!connection.ok()) return Fail(connection.error());
  if (o.reject_file.empty()) o.reject_file = o.file.substr(o.file.find_last_of('/') + 1) + ".rejected.csv";
  BatchSender sender(**connection, o);
  RejectFile rejects(o.reject_file);
  Progress progress("importing " + o.file);
  operations::ImportSinks sinks;
  sinks.row = [&](operations::ImportedRow row) { return sender.Add(std::move(row)); };
  sinks.reject = [&](uint64_t line, const std::string& raw, const Error& why) {
    return rejects.Add(line, raw, why);
  };
  sinks.progress = [&](const operations::ImportCounts& c) {
    progress.Show(-1, std::to_string(c.rows) + " rows");
  };
  const auto counts = operations::Import(std::move(source), o.file, *options, sinks, {});
  if (!counts.ok()) return Fail(counts.error());
  if (Status sent = sender.Send(); !sent.ok()) return Fail(sent.error());
  if (Status written = rejects.Finish(); !written.ok()) return Fail(written.error());
  sender.Finish();
  PrintReport(invocation, o, *counts, sender, rejects.first());
  const bool none = counts->kept == sender.refused() && counts->rows > 0;
  return none || counts->rejected + sender.refused() > o.allow_rejects ? kFailed : kDone;
}

}  // namespace

void RegisterImport(CLI::App* app, Invocation* invocation) {
  auto o = std::make_shared<ImportArguments>();
  CLI::App* command = app->add_subcommand(
      "import",
      "Import a CSV or NDJSON file, optionally compressed (.gz). Recognises encodings such as CP949, "
      "byte order marks, prices such as 12,900원 and dates such as 2026.11.22. Rows that cannot be read are "
      "written to a reject file.\n\n"
      "  trine import orders.csv.gz --group shop --map USER_ID=CustomerID --map ITEM_ID=StockCode \\\n"
      "      --map TIMESTAMP=InvoiceDate --set EVENT_TYPE=Purchase --time-zone KST\n"
      "  trine import products.ndjson --type documents --index products --map _id=product_id\n");
  command->add_option("file", o->file, "the file to import")->required();
  command->add_option("--type", o->type, "kind of the rows: interactions, items, users or documents")
      ->check(OneOf({"interactions", "items", "users", "documents"}), "")
      ->capture_default_str();
  command->add_option("--group", o->group,
                      "dataset group for interactions, items and users; created if it does not exist");
  command->add_option("--index", o->index, "index for documents; created if it does not exist");
  command->add_option(
      "--analyzer", o->analyzer,
      "analyzer for a new index; default: korean if the first documents contain Hangul, else standard");
  command->add_option("--map", o->map,
                      "OURS=THEIRS: read column OURS from the file's column THEIRS (repeatable)");
  command->add_option("--set", o->constants, "OURS=TEXT: set column OURS to TEXT in every row (repeatable)");
  command
      ->add_option("--encoding", o->encoding,
                   "encoding of the file: utf-8, cp949, utf-16, shift_jis, windows-1252, latin-1, gb18030, "
                   "big5, euc-jp, or auto to detect it")
      ->capture_default_str();
  command->add_option("--time-zone", o->time_zone,
                      "time zone for times without one: KST, UTC or an offset such as +09:00; default: UTC");
  command->add_option(
      "--reject-file", o->reject_file,
      "where to write rejected rows, with line and reason; default: FILE.rejected.csv in the current folder");
  command
      ->add_option("--allow-rejects", o->allow_rejects,
                   "end with status 0 although up to this many rows were rejected")
      ->capture_default_str();
  AddTargetOptions(command, invocation);
  command->callback(
      [o, invocation] { invocation->run = [o, invocation] { return RunImport(*invocation, *o); }; });
}

}  // namespace trine::cli
