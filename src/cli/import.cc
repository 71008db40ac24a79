// `trine import`: reads a CSV or NDJSON file and sends its rows to a server as documents, items, users or
// events.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "base/limits.h"
#include "cli/connection.h"
#include "cli/import_options.h"
#include "cli/index_fields.h"
#include "cli/invocation.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/usage.h"
#include "format/text.h"
#include "language/plain_text.h"
#include "operations/import/row_reader.h"

namespace trine::cli {
namespace {

using format::Json;

constexpr size_t kBatchRows = 2000;
constexpr size_t kBatchBytes = 8u << 20;    // of the rows' text; far below the largest body of a request
constexpr size_t kSampledRows = 500;        // rows of NDJSON whose members are its columns for --role
constexpr size_t kSampledBytes = 1u << 20;  // of standard input, for --role

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

// Bytes that were read before, and then the rest of their source.
class PrefixedSource final : public format::ByteSource {
 public:
  PrefixedSource(std::string prefix, std::unique_ptr<format::ByteSource> rest)
      : prefix_(std::move(prefix)), rest_(std::move(rest)) {}
  Result<std::string_view> Next() override {
    if (!std::exchange(started_, true) && !prefix_.empty()) return std::string_view(prefix_);
    return rest_->Next();
  }

 private:
  const std::string prefix_;
  const std::unique_ptr<format::ByteSource> rest_;
  bool started_ = false;
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
  BatchSender(Connection& connection, const ImportArguments& options, RejectFile& rejects)
      : connection_(connection), options_(options), rejects_(rejects) {}

  // Declares roles in the `_meta` of the index's mapping. Called after the documents are stored, because the
  // fields must exist.
  Status DeclareRoles(const catalogue::RoleDeclarations& declared) {
    TRINE_ASSIGN(Json meta, MappingMeta());
    const Json* before = meta.Find("roles");
    Json roles = before != nullptr && before->is_object() ? *before : Json(Json::Object{});
    const Json added = catalogue::RoleDeclarationsJson(declared);
    for (const auto& [role, fields] : added.Find("roles")->object()) roles.Set(role, fields);
    meta.Set("roles", std::move(roles));
    return PutMappingMeta(std::move(meta));
  }

  // Declares the currency of the prices, which the numbers in the documents do not say: the signs in the
  // cells of the price column said it ("12,900원"). Does nothing if the currency is known already.
  Status DeclareCurrency(const std::vector<operations::ColumnNote>& columns) {
    const auto has_sign = [](const operations::ColumnNote& note) { return !note.currency.empty(); };
    if (std::none_of(columns.begin(), columns.end(), has_sign)) return Ok();
    TRINE_ASSIGN(const Json answer,
                 connection_.Call("GET", "/_trine/roles/" + format::PercentEncode(options_.index), {}));
    const Json *roles = answer.Find("roles"), *currency = answer.Find("currency");
    if (roles == nullptr || !roles->is_array() || (currency != nullptr && currency->is_string())) return Ok();
    std::string price;
    for (const Json& one : roles->array()) {
      if (PrintableText(one.Find("role")) == "price") price = PrintableText(one.Find("field"));
    }
    const auto column = std::find_if(columns.begin(), columns.end(), [&](const operations::ColumnNote& note) {
      return note.target == price && has_sign(note);
    });
    if (column == columns.end()) return Ok();
    TRINE_ASSIGN(Json meta, MappingMeta());
    meta.Set("currency", column->currency);
    return PutMappingMeta(std::move(meta));
  }

  Status Add(operations::ImportedRow row) {
    if (options_.type == "interactions") TRINE_TRY(CheckEvent(row.event));
    places_.push_back({row.line, std::string(row.raw)});
    bytes_ += row.raw.size();
    if (options_.type == "documents")
      AddDocument(row);
    else
      rows_.push_back(format::ToString(RowJson(std::move(row))));
    TRINE_DCHECK_LE(places_.size(), kBatchRows);
    return places_.size() >= kBatchRows || bytes_ >= kBatchBytes ? Send() : Ok();
  }

  Status Send() {
    if (places_.empty()) return Ok();
    const std::vector<Place> places = std::exchange(places_, {});
    bytes_ = 0;
    const uint64_t before = refused_;
    if (options_.type == "documents") {
      TRINE_TRY(SendDocuments(places));
      sent_ += places.size() - (refused_ - before);
      return Ok();
    }
    const std::vector<std::string> rows = std::exchange(rows_, {});
    TRINE_TRY(SendRows(rows, places, 0, places.size()));
    sent_ += places.size() - (refused_ - before);
    // If the first full batch is rejected as a whole, the request is at fault and not the rows.
    if (std::exchange(any_batch_, true) || refused_ - before < kBatchRows) return Ok();
    return Error(ErrorCode::kRejectLimit, "the server rejected every row: " + rejects_.first());
  }

  // Makes the documents searchable and prepares the index for questions. The documents are already stored, so
  // failures here are only printed.
  void Finish() {
    if (options_.type != "documents" || !index_known_) return;
    if (no_ids_)
      std::fprintf(
          stderr,
          "note: documents without an id got random ones, so the next import of the same file adds them "
          "again; name the column with the id: --map _id=COLUMN\n");
    Json body;
    body.Set("index", options_.index);
    for (const auto& done :
         {connection_.Call("POST", "/" + format::PercentEncode(options_.index) + "/_refresh", {}),
          connection_.Call("POST", "/_trine/prepare", body)}) {
      if (!done.ok()) std::fprintf(stderr, "note: %s\n", format::Printable(done.error().message).c_str());
    }
    PrintRoles();
  }

  // Rows that the server rejected. They are in the reject file.
  uint64_t refused() const { return refused_; }
  // Rows that the server has stored so far.
  uint64_t sent() const { return sent_; }

 private:
  std::string MappingPath() const { return "/" + format::PercentEncode(options_.index) + "/_mapping"; }
  Result<Json> MappingMeta() {
    TRINE_ASSIGN(const Json mappings, connection_.Call("GET", MappingPath(), {}));
    Json meta(Json::Object{});
    for (const auto& [name, index] : mappings.object()) {
      if (const Json* given = index.FindPath("mappings._meta"); given != nullptr && given->is_object())
        meta = *given;
    }
    return meta;
  }
  Status PutMappingMeta(Json meta) {
    Json body;
    body.Set("_meta", std::move(meta));
    auto put = connection_.Call("PUT", MappingPath(), body);
    return put.ok() ? Ok() : Status(std::move(put).error());
  }

  // Says which column became what: "roles: title = 상품명 (name), price = 판매가 (name)".
  void PrintRoles() {
    const auto answer = connection_.Call("GET", "/_trine/roles/" + format::PercentEncode(options_.index), {});
    const Json* roles = answer.ok() ? answer->Find("roles") : nullptr;
    if (roles == nullptr || !roles->is_array() || roles->array().empty()) return;
    std::string line;
    for (const Json& one : roles->array())
      line += (line.empty() ? "" : ", ") + PrintableText(one.Find("role")) + " = " +
              PrintableText(one.Find("field")) + " (" + PrintableText(one.Find("source")) + ")";
    std::fprintf(stderr, "roles: %s\n", line.c_str());
  }

  struct Place {
    uint64_t line;
    std::string raw;
  };

  Status Refuse(const Place& place, const Error& why) {
    ++refused_;
    return rejects_.Add(place.line, place.raw, why);
  }

  // The server rejects all rows of a request because of one, so a rejected request is halved until the row at
  // fault is found.
  Status SendRows(const std::vector<std::string>& rows, const std::vector<Place>& places, size_t from,
                  size_t to) {
    TRINE_CHECK_EQ(rows.size(), places.size());
    const std::string list = options_.type == "interactions" ? "events" : options_.type;
    std::string body = R"({"dataset_group":)" + format::ToString(Json(options_.group)) +
                       R"(,"create":true,")" + list + "\":[";
    for (size_t i = from; i < to; ++i) body += (i > from ? "," : "") + rows[i];
    body += "]}";
    const auto sent = connection_.CallRaw("POST", "/_trine/" + list, std::move(body), "application/json");
    if (sent.ok()) return Ok();
    const ErrorCode code = sent.error().code;
    if (code != ErrorCode::kInvalid && code != ErrorCode::kLimit) return sent.error();
    if (to - from == 1) return Refuse(places[from], sent.error());
    const size_t middle = from + (to - from) / 2;
    TRINE_TRY(SendRows(rows, places, from, middle));
    return SendRows(rows, places, middle, to);
  }

  // Whether a document failed because of the server (a full disk, a full queue), not because of its content.
  static bool IsServersFault(const Json& status) {
    return status.is_int() && (status.integer() >= 500 || status.integer() == 429);
  }
  void AddDocument(const operations::ImportedRow& row) {
    Json action, meta(Json::Object{});
    if (!row.id.empty()) meta.Set("_id", row.id);
    no_ids_ = no_ids_ || row.id.empty();
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
      if (e.unverified) out.Set("unverified", true);
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
    TRINE_CHECK(!options_.index.empty());
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

  Status SendDocuments(const std::vector<Place>& places) {
    TRINE_DCHECK(!bulk_.empty());
    TRINE_TRY(MakeIndex());
    auto sent = connection_.CallRaw("POST", "/" + format::PercentEncode(options_.index) + "/_bulk",
                                    std::move(bulk_), "application/x-ndjson");
    bulk_.clear();
    if (!sent.ok()) return std::move(sent).error();
    const Json* items = sent->Find("items");
    if (items == nullptr || !items->is_array()) return Ok();
    for (size_t i = 0; i < items->array().size() && i < places.size(); ++i) {
      const Json* error = items->array()[i].FindPath("index.error.reason");
      if (error == nullptr) continue;
      const Json* status = items->array()[i].FindPath("index.status");
      if (status != nullptr && IsServersFault(*status))
        return Error(
            ErrorCode::kUnavailable,
            "the server could not store the documents, so the import stopped: " + PrintableText(error));
      TRINE_TRY(Refuse(places[i], Error(ErrorCode::kInvalid, PrintableText(error))));
    }
    return Ok();
  }

  Connection& connection_;
  const ImportArguments& options_;
  RejectFile& rejects_;
  std::vector<std::string> rows_;  // as JSON
  std::string bulk_;
  std::vector<Place> places_;  // of the rows in the batch
  size_t bytes_ = 0;           // of their text
  uint64_t refused_ = 0, sent_ = 0;
  bool index_known_ = false;
  bool any_batch_ = false;  // a batch of rows that are not documents was sent
  bool no_ids_ = false;     // a document had no id
};

// Prints the properties of the file that the import detected.
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

// "판매가 (number), sku -> ITEM_ID (id), memo (not imported)", and a line for each doubtful column.
void PrintColumns(const std::vector<operations::ColumnNote>& columns) {
  constexpr size_t kShown = 60;
  std::string list;
  size_t count = 0;
  for (const operations::ColumnNote& note : columns) {
    if (count++ == kShown) list += ", ...";
    if (count > kShown) continue;
    const std::string source = note.source.empty() && note.target.empty() ? "(no name)" : note.source;
    list += (list.empty() ? "" : ", ") + source;
    if (note.target.empty())
      list += " (not imported)";
    else
      list += (source.empty()          ? ""
               : source == note.target ? " "
                                       : " -> ") +
              (source == note.target ? "" : note.target + " ") + "(" + note.type + ")";
  }
  if (!list.empty()) std::fprintf(stderr, "columns: %s\n", format::Printable(list).c_str());
  for (const operations::ColumnNote& note : columns) {
    if (!note.remark.empty())
      std::fprintf(stderr, "column %s is text: %s\n", format::Printable(note.source).c_str(),
                   format::Printable(note.remark).c_str());
    if (!note.other_currencies.empty())
      std::fprintf(stderr, "column %s: amounts %s; %s\n", format::Printable(note.source).c_str(),
                   format::Printable(note.other_currencies).c_str(),
                   note.currency.empty()
                       ? "most amounts have no currency, so none is declared"
                       : ("they were not imported, because the column is in " + note.currency).c_str());
  }
}

Json ReportJson(const ImportArguments& o, const operations::ImportCounts& counts, uint64_t refused) {
  Json out, columns(Json::Array{});
  out.Set("rows", counts.rows);
  out.Set("kept", counts.kept - refused);
  out.Set("rejected", counts.rejected + refused);
  out.Set("left_out", counts.left_out);
  out.Set("unread", counts.unread);
  out.Set("broken", counts.broken);
  out.Set("encoding", counts.notes.encoding);
  if (counts.notes.skipped_lines > 0)
    out.Set("skipped_lines", static_cast<uint64_t>(counts.notes.skipped_lines));
  if (counts.notes.repeated_headers > 0) out.Set("repeated_headers", counts.notes.repeated_headers);
  if (counts.rejected + refused > 0) out.Set("reject_file", o.reject_file);
  for (const operations::ColumnNote& note : counts.columns) {
    Json column;
    column.Set("source", note.source);
    column.Set("target", note.target);
    column.Set("type", note.type);
    if (!note.remark.empty()) column.Set("remark", note.remark);
    if (!note.currency.empty()) column.Set("currency", note.currency);
    if (!note.other_currencies.empty()) column.Set("other_currencies", note.other_currencies);
    columns.Push(std::move(column));
  }
  out.Set("columns", std::move(columns));
  return out;
}

void PrintReport(const Invocation& invocation, const ImportArguments& o,
                 const operations::ImportCounts& counts, uint64_t refused, const std::string& first_reject) {
  TRINE_CHECK_LE(refused, counts.kept);
  if (invocation.json) {
    std::printf("%s\n", format::ToString(ReportJson(o, counts, refused)).c_str());
    return;
  }
  if (counts.unread > 0)
    std::fprintf(stderr, "%llu values could not be parsed and were skipped; first: %s\n",
                 static_cast<unsigned long long>(counts.unread),
                 format::Printable(counts.first_unread).c_str());
  PrintNotes(counts);
  PrintColumns(counts.columns);
  const uint64_t rejected = counts.rejected + refused;
  const std::string left_out =
      counts.left_out > 0 ? ", " + std::to_string(counts.left_out) + " left out by --where" : "";
  std::printf("%llu rows: %llu kept, %llu rejected%s\n", static_cast<unsigned long long>(counts.rows),
              static_cast<unsigned long long>(counts.kept - refused),
              static_cast<unsigned long long>(rejected), left_out.c_str());
  if (rejected > 0)
    std::fprintf(stderr, "first rejected: %s; all are in %s\n", format::Printable(first_reject).c_str(),
                 o.reject_file.c_str());
}

// The currency of an existing index, so that amounts in another one are not stored as numbers beside its own.
Status DeclareCurrencies(Connection& connection, const std::string& index,
                         operations::ImportOptions* options) {
  TRINE_ASSIGN(const Json answer,
               connection.Call("GET", "/_trine/roles/" + format::PercentEncode(index), {}));
  const Json *roles = answer.Find("roles"), *currency = answer.Find("currency");
  if (roles == nullptr || !roles->is_array() || currency == nullptr || !currency->is_string()) return Ok();
  for (const Json& one : roles->array()) {
    if (PrintableText(one.Find("role")) == "price")
      options->currencies.emplace_back(PrintableText(one.Find("field")), currency->string());
  }
  return Ok();
}

// The types that the mapping of an existing index prescribes, so that one cell in another notation does not
// make a column of numbers text.
Status DeclareTypes(Connection& connection, const std::string& index, operations::ImportOptions* options) {
  constexpr std::string_view kNumbers[] = {"long",  "integer",    "short",        "byte",         "double",
                                           "float", "half_float", "scaled_float", "unsigned_long"};
  const auto fields = IndexFields(connection, index);
  if (!fields.ok()) return fields.error().kind() == ErrorKind::kNotFound ? Ok() : Status(fields.error());
  for (const auto& [path, type] : *fields) {
    if (std::find(std::begin(kNumbers), std::end(kNumbers), type) != std::end(kNumbers))
      options->declared.emplace_back(path, operations::DeclaredType::kNumber);
    if (type == "text" || type == "keyword")
      options->declared.emplace_back(path, operations::DeclaredType::kText);
  }
  return DeclareCurrencies(connection, index, options);
}

std::string DefaultRejectFile(const std::string& file) {
  return (file == "-" ? "stdin" : file.substr(file.find_last_of('/') + 1)) + ".rejected.csv";
}

// Adds the command that sends a file of bulk actions to the error of an import that met one.
Error ExplainBulkFile(Error error, const Invocation& invocation, const ImportArguments& o) {
  if (error.DetailOf("format") != "bulk") return error;
  const std::string url = invocation.url.empty() ? "http://127.0.0.1:9200" : invocation.url;
  const std::string path = o.index.empty() ? "" : "/" + format::PercentEncode(o.index);
  error.expected = "one row per line. To send the file with its actions: curl " + url + path +
                   "/_bulk -H 'content-type: application/x-ndjson' --data-binary @" +
                   (o.file == "-" ? "FILE" : o.file);
  return error;
}

// Reads the source, sends its rows and prints the report. Returns the exit status.
int ImportInto(Connection& connection, const Invocation& invocation, const ImportArguments& o,
               const operations::ImportOptions& options, std::unique_ptr<format::ByteSource> source,
               const catalogue::RoleDeclarations& roles) {
  RejectFile rejects(o.reject_file);
  BatchSender sender(connection, o, rejects);
  Progress progress("importing " + o.file);
  operations::ImportSinks sinks;
  sinks.row = [&](operations::ImportedRow row) { return sender.Add(std::move(row)); };
  sinks.reject = [&](uint64_t line, const std::string& raw, const Error& why) {
    return rejects.Add(line, raw, why);
  };
  sinks.progress = [&](const operations::ImportCounts& c) {
    progress.Show(-1, std::to_string(c.rows) + " rows");
  };
  const auto counts = operations::Import(std::move(source), o.file, options, sinks, {});
  if (!counts.ok()) {
    if (sender.sent() > 0)
      std::fprintf(stderr, "note: %llu rows were imported before the error\n",
                   static_cast<unsigned long long>(sender.sent()));
    return Fail(ExplainBulkFile(counts.error(), invocation, o));
  }
  if (Status sent = sender.Send(); !sent.ok()) return Fail(sent.error());
  if (Status written = rejects.Finish(); !written.ok()) return Fail(written.error());
  if (!roles.roles.empty()) {
    if (const Status done = sender.DeclareRoles(roles); !done.ok()) return Fail(done.error());
  }
  if (o.type == "documents") {
    if (const Status done = sender.DeclareCurrency(counts->columns); !done.ok())
      std::fprintf(stderr, "note: the currency of the prices was not declared: %s\n",
                   done.error().message.c_str());
  }
  sender.Finish();
  PrintReport(invocation, o, *counts, sender.refused(), rejects.first());
  const bool none = counts->kept == sender.refused() && counts->rows > 0;
  return none || counts->rejected + sender.refused() > o.allow_rejects ? kFailed : kDone;
}

// Reads the start of a source that cannot be opened again, so that its columns are known before it is
// imported, and makes `source` begin with these bytes again. A workbook is read whole, because its list of
// parts is at the end.
Result<std::string> PeekStart(std::unique_ptr<format::ByteSource>* source) {
  TRINE_CHECK(source != nullptr && *source != nullptr);
  constexpr std::string_view kZip = "PK\x03\x04";
  std::string start;
  while (start.size() < kSampledBytes || start.starts_with(kZip)) {
    TRINE_ASSIGN(const std::string_view piece, (*source)->Next());
    if (piece.empty()) break;
    start += piece;
    if (start.size() > limits::kMaxBodyBytes)
      return Error(ErrorCode::kLimit, "a workbook on standard input is too large for --role")
          .Expected("at most " + std::to_string(limits::kMaxBodyBytes) + " bytes");
  }
  *source = std::make_unique<PrefixedSource>(start, std::move(*source));
  return start;
}

// The roles that --role declares. Reads the header of the file, or the members of its first rows. `source` is
// read again from its start afterwards.
Result<catalogue::RoleDeclarations> RolesOfFile(const Invocation& invocation, const ImportArguments& o,
                                                const operations::ImportOptions& options,
                                                std::unique_ptr<format::ByteSource>* source) {
  if (o.type != "documents")
    return Error(ErrorCode::kUsage,
                 "option --role requires --type documents; the roles of items belong to the "
                 "index that is bound to their dataset group");
  std::string start;  // `sample` refers to it
  std::unique_ptr<format::ByteSource> sample;
  if (o.file == "-") {
    TRINE_ASSIGN(start, PeekStart(source));
    sample = format::NewStringSource(start);
  } else {
    auto file = std::make_unique<FileSource>(o.file);
    if (!file->ok()) return Error(ErrorCode::kIo, "cannot open the file").Where(o.file);
    sample = std::move(file);
  }
  TRINE_ASSIGN(const auto reader, operations::OpenRows(std::move(sample), o.file, options));
  std::vector<std::string> columns = reader->header();
  for (size_t i = 0; reader->header().empty() && i < kSampledRows; ++i) {
    operations::RawRow row;
    const auto more = reader->Next(&row);
    if (!more.ok() && more.error().code == ErrorCode::kUnsupported)
      return ExplainBulkFile(more.error(), invocation, o);
    if (!more.ok()) continue;
    if (!*more) break;
    if (!row.object.is_object()) continue;
    for (const auto& [name, value] : row.object.object()) {
      if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
    }
  }
  return ReadRoleArguments(o, columns);
}

int RunImport(const Invocation& invocation, ImportArguments& o) {
  if (o.type == "documents" ? o.index.empty() : o.group.empty()) {
    return Fail(Error(ErrorCode::kUsage, o.type == "documents"
                                             ? "missing option --index: the index for the documents"
                                             : "missing option --group: the dataset group for the rows"));
  }
  auto options = ToImportOptions(o);
  if (!options.ok()) return Fail(options.error());
  auto file = std::make_unique<FileSource>(o.file == "-" ? "/dev/stdin" : o.file);
  if (!file->ok()) return Fail(Error(ErrorCode::kIo, "cannot open the file").Where(o.file));
  std::unique_ptr<format::ByteSource> source = std::move(file);
  catalogue::RoleDeclarations roles;
  if (!o.roles.empty()) {
    auto declared = RolesOfFile(invocation, o, *options, &source);
    if (!declared.ok()) return Fail(declared.error());
    roles = *std::move(declared);
  }
  auto connection = Connection::Open(invocation);
  if (!connection.ok()) return Fail(connection.error());
  if (o.reject_file.empty()) o.reject_file = DefaultRejectFile(o.file);
  std::error_code unknown;  // of a file that does not exist
  if (std::filesystem::equivalent(o.file, o.reject_file, unknown)) {
    return Fail(Error(ErrorCode::kUsage,
                      "the reject file is the imported file, which it would overwrite; "
                      "choose another with --reject-file")
                    .Where(o.reject_file));
  }
  if (o.type == "documents") {
    if (Status declared = DeclareTypes(**connection, o.index, &*options); !declared.ok())
      return Fail(declared.error());
  }
  return ImportInto(**connection, invocation, o, *options, std::move(source), roles);
}

}  // namespace

void RegisterImport(CLI::App* app, Invocation* invocation) {
  auto o = std::make_shared<ImportArguments>();
  CLI::App* command = app->add_subcommand(
      "import",
      "Import a CSV, NDJSON or JSON file, optionally compressed (.gz). Recognises encodings such as CP949, "
      "byte order marks, prices such as 12,900원 and dates such as 2026.11.22. Rows that cannot be read are "
      "written to a reject file.\n\n"
      "  trine import orders.csv.gz --group shop --map USER_ID=CustomerID --map ITEM_ID=StockCode \\\n"
      "      --map TIMESTAMP=InvoiceDate --set EVENT_TYPE=Purchase --time-zone KST\n"
      "  trine import products.ndjson --type documents --index products --map _id=product_id\n");
  command->add_option("file", o->file, "the file to import; - reads standard input")->required();
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
  command->add_option(
      "--role", o->roles,
      "NAME=COLUMN: the column's role in questions and answers: title, text, price, currency, "
      "category, brand, colour, size, weight, image, url, stock, visible or created "
      "(repeatable; documents only). `trine roles INDEX` shows them");
  command->add_option(
      "--where", o->where,
      "COLUMN=VALUE|VALUE or COLUMN!=VALUE|VALUE: leave out the other rows; a value may end in "
      "* (repeatable): --where '주문상태!=취소*|반품*'");
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
                   "end with status 0 although up to this many rows were rejected, if others were kept")
      ->check(IntegerFrom(0, INT64_MAX), "")
      ->capture_default_str();
  AddTargetOptions(command, invocation);
  command->callback(
      [o, invocation] { invocation->run = [o, invocation] { return RunImport(*invocation, *o); }; });
}

}  // namespace trine::cli
