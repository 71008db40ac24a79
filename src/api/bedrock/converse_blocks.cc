#include "api/bedrock/converse_blocks.h"

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_set>

#include "api/bedrock/body_reader.h"
#include "api/bedrock/document_text.h"
#include "api/bedrock/errors.h"
#include "api/bedrock/tools.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/text.h"

namespace trine::api::bedrock {
namespace {

using format::Json;
using language::ChatMessage;
using Finish = language::ChatAnswer::Finish;
constexpr auto kPlain = BodyReader::Wording::kPlain;

constexpr size_t kMaxBlocks = 20'000;  // blocks of one message

// A content block must have exactly one member, whose name tells its kind.
Result<const Json::Member*> OnlyMember(const Json& block, const std::string& where) {
  if (!block.is_object()) return Invalid(where + ": Input should be an object", where);
  const Json::Member* found = nullptr;
  for (const Json::Member& member : block.object()) {
    if (member.second.is_null()) continue;
    if (found != nullptr)
      return Invalid(where + ": exactly one of the members of a union may be set, found " + found->first +
                         " and " + member.first,
                     where);
    found = &member;
  }
  if (found == nullptr)
    return Invalid(where + ": exactly one of the members of a union must be set, found none", where);
  return found;
}

Error NotText(const std::string& kind, const std::string& where) {
  return Error(ErrorCode::kUnsupported,
               where + ": blocks of type \"" + kind +
                   "\" are not supported; text, documents in text formats and tools are")
      .Where(where);
}

void AppendLine(std::string_view line, std::string* text) {
  if (!text->empty() && !text->ends_with('\n')) *text += '\n';
  *text += line;
}

// The bytes of a document in base64, which must be text.
Result<std::string> DocumentBytes(const Json& bytes, const std::string& where) {
  std::optional<std::string> decoded;
  if (bytes.is_string()) decoded = format::UnBase64(bytes.string());
  if (!decoded) return Invalid(where + ".bytes: Input should be base64", where);
  if (!IsValidUtf8(*decoded)) return Invalid(where + ".bytes: the document is not text in UTF-8", where);
  return *std::move(decoded);
}

Result<std::string> DocumentSource(const Json& source, const std::string& where) {
  TRINE_ASSIGN(const Json::Member* member, OnlyMember(source, where));
  const auto& [kind, value] = *member;
  if (kind == "bytes") return DocumentBytes(value, where);
  if (kind == "text") {
    if (!value.is_string()) return Invalid(where + ".text: Input should be a string", where);
    return value.string();
  }
  if (kind != "content") return NotText("document with " + kind, where);
  if (!value.is_array()) return Invalid(where + ".content: Input should be a list", where);
  std::string text;
  for (const Json& part : value.array()) {
    const Json* words = part.Find("text");
    if (words == nullptr || !words->is_string())
      return Invalid(where + ".content: each part should have a text", where);
    AppendLine(words->string(), &text);
  }
  return text;
}

Result<Document> ReadDocument(const Json& value, const std::string& where) {
  BodyReader reader(value, kPlain, where);
  const std::string format =
      reader.Choice("format", {"pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"});
  Document document;
  document.title = reader.Text("name");
  const Json* source = reader.Need("source");
  const std::string context = reader.OptionalText("context").value_or("");
  TRINE_TRY(reader.Finish(false));
  constexpr size_t kMaxNameCharacters = 200;  // the service's bound
  if (CountCodePoints(document.title) > kMaxNameCharacters)
    return Invalid(where + ".name: Member must have length less than or equal to 200", where);
  constexpr std::array<std::string_view, 5> kTextFormats = {"", "txt", "md", "csv", "html"};
  if (std::find(kTextFormats.begin(), kTextFormats.end(), format) == kTextFormats.end())
    return Error(ErrorCode::kUnsupported, where + ": documents in the format \"" + format +
                                              "\" are not supported; txt, md, csv and html are")
        .Where(where);
  TRINE_ASSIGN(document.text, DocumentSource(*source, where + ".source"));
  if (!context.empty()) document.text += "\n" + context;
  return document;
}

Result<Document> ReadSearchResult(const Json& value, const std::string& where) {
  BodyReader reader(value, kPlain, where);
  Document document;
  document.title = reader.Text("title");
  static_cast<void>(reader.Text("source"));
  const Json::Array* content = reader.List("content", kMaxBlocks);
  static_cast<void>(reader.Need("content"));
  TRINE_TRY(reader.Finish(false));
  for (const Json& part : *content) {
    const Json* words = part.Find("text");
    if (words == nullptr || !words->is_string())
      return Invalid(where + ".content: each part should have a text", where);
    AppendLine(words->string(), &document.text);
  }
  return document;
}

// The parts of one message while it is read.
struct Parts {
  ChatMessage message;
  std::vector<Document> documents;
};

Status ReadToolUse(const Json& value, const std::string& where, Parts* parts) {
  BodyReader reader(value, kPlain, where);
  language::ToolCall call;
  call.id = reader.Text("toolUseId");
  call.name = reader.Text("name");
  const Json* input = reader.Need("input");
  TRINE_TRY(reader.Finish(false));
  TRINE_TRY(CheckToolName(call.name, where + ".name"));
  if (parts->message.role != ChatMessage::Role::kAssistant)
    return Invalid(where + ": toolUse blocks can only be in messages of the assistant", where);
  call.input = format::ToString(*input);
  parts->message.tool_calls.push_back(std::move(call));
  return Ok();
}

Status ReadToolResult(const Json& value, const std::string& where, Parts* parts) {
  BodyReader reader(value, kPlain, where);
  language::ToolResult result;
  result.call_id = reader.Text("toolUseId");
  const Json::Array* content = reader.List("content", kMaxBlocks);
  static_cast<void>(reader.Need("content"));
  result.failed = reader.Choice("status", {"success", "error"}) == "error";
  TRINE_TRY(reader.Finish(false));
  if (parts->message.role != ChatMessage::Role::kUser)
    return Invalid(where + ": toolResult blocks can only be in messages of the user", where);
  for (const Json& block : *content) {
    TRINE_ASSIGN(const Json::Member* member, OnlyMember(block, where + ".content"));
    const auto& [kind, inner] = *member;
    if (kind == "text" && inner.is_string()) {
      AppendLine(inner.string(), &result.text);
    } else if (kind == "json") {
      AppendLine(format::ToString(inner), &result.text);
    } else if (kind == "document") {
      TRINE_ASSIGN(const Document document, ReadDocument(inner, where + ".content.document"));
      AppendLine(document.text, &result.text);
    } else {
      return NotText(kind, where + ".content");
    }
  }
  parts->message.tool_results.push_back(std::move(result));
  return Ok();
}

Status ReadText(const Json& value, const std::string& where, Parts* parts) {
  if (!value.is_string()) return Invalid(where + ": Input should be a string", where);
  if (IsBlank(value.string()))
    return Invalid("The text field in the ContentBlock object at " + where +
                       " is blank. Add text to the text field, and try again.",
                   where);
  AppendLine(value.string(), &parts->message.text);
  return Ok();
}

// A text with qualifiers: a grounding source is a document.
Status ReadGuardContent(const Json& value, const std::string& where, Parts* parts) {
  TRINE_ASSIGN(const Json::Member* member, OnlyMember(value, where));
  if (member->first != "text") return NotText("guardContent with " + member->first, where);
  BodyReader reader(member->second, kPlain, where + ".text");
  const std::string text = reader.Text("text");
  const std::vector<std::string> qualifiers = reader.Texts("qualifiers", 3);
  TRINE_TRY(reader.Finish(false));
  for (const std::string& one : qualifiers) {
    if (one != "grounding_source" && one != "query" && one != "guard_content")
      return Invalid(
          where + ".text.qualifiers: Input should be one of: grounding_source, query, guard_content", where);
  }
  if (std::find(qualifiers.begin(), qualifiers.end(), "grounding_source") != qualifiers.end()) {
    parts->documents.push_back({"", text});
    return Ok();
  }
  return ReadText(Json(text), where, parts);
}

Status ReadCitations(const Json& value, const std::string& where, Parts* parts) {
  BodyReader reader(value, kPlain, where);
  const Json::Array* content = reader.List("content", kMaxBlocks);
  TRINE_TRY(reader.Finish(false));
  for (const Json& part : content == nullptr ? Json::Array{} : *content) {
    if (const Json* words = part.Find("text"); words != nullptr && words->is_string())
      AppendLine(words->string(), &parts->message.text);
  }
  return Ok();
}

// Trine caches no prompts, so that a cache point changes nothing.
Status CheckCachePoint(const Json& value, const std::string& where) {
  BodyReader reader(value, kPlain, where);
  static_cast<void>(reader.Choice("type", {"default"}));
  static_cast<void>(reader.Need("type"));
  return reader.Finish(false);
}

Status ReadBlock(const Json& block, const std::string& where, Parts* parts) {
  TRINE_ASSIGN(const Json::Member* member, OnlyMember(block, where));
  const auto& [kind, value] = *member;
  const std::string path = where + "." + kind;
  if (kind == "text") return ReadText(value, path, parts);
  if (kind == "toolUse") return ReadToolUse(value, path, parts);
  if (kind == "toolResult") return ReadToolResult(value, path, parts);
  if (kind == "guardContent") return ReadGuardContent(value, path, parts);
  if (kind == "citationsContent") return ReadCitations(value, path, parts);
  if (kind == "document" || kind == "searchResult") {
    TRINE_ASSIGN(Document document,
                 kind == "document" ? ReadDocument(value, path) : ReadSearchResult(value, path));
    parts->documents.push_back(std::move(document));
    return Ok();
  }
  if (kind == "cachePoint") return CheckCachePoint(value, path);
  // The thoughts of earlier answers are not shown to the model again.
  if (kind == "reasoningContent") return Ok();
  return NotText(kind, where);
}

// The results of a message belong to the calls of the message before.
Status CheckResults(const language::ChatRequest& chat, const ChatMessage& message, const std::string& where) {
  const size_t results = message.tool_results.size();
  static const std::vector<language::ToolCall> kNone;
  const auto& calls = chat.messages.empty() ? kNone : chat.messages.back().tool_calls;
  if (results > calls.size())
    return Invalid("The number of toolResult blocks at " + where +
                       ".content exceeds the number of toolUse blocks of previous turn.",
                   where);
  std::unordered_set<std::string_view> ids;
  for (const language::ToolCall& call : calls) ids.insert(call.id);
  for (const language::ToolResult& result : message.tool_results) {
    if (!ids.contains(result.call_id))
      return Invalid(where + ": the toolUseId \"" + result.call_id +
                         "\" is not that of a toolUse block of the previous turn",
                     where);
  }
  if (results < calls.size())
    return Invalid(
        "Expected toolResult blocks at " + where + ".content for the following Ids: " + calls[results].id,
        where);
  return Ok();
}

Status ReadMessage(const Json& one, const std::string& where, language::ChatRequest* chat) {
  BodyReader reader(one, kPlain, where);
  const std::string role = reader.Choice("role", {"user", "assistant", "system"});
  static_cast<void>(reader.Need("role"));
  const Json::Array* content = reader.List("content", kMaxBlocks);
  static_cast<void>(reader.Need("content"));
  TRINE_TRY(reader.Finish(false));
  if (content->empty())
    return Invalid("The content field in the Message object at " + where +
                       " is empty. Add a ContentBlock object to the content field and try again.",
                   where);
  Parts parts;
  parts.message.role = role == "user"     ? ChatMessage::Role::kUser
                       : role == "system" ? ChatMessage::Role::kSystem
                                          : ChatMessage::Role::kAssistant;
  size_t i = 0;
  for (const Json& block : *content)
    TRINE_TRY(ReadBlock(block, where + ".content." + std::to_string(i++), &parts));
  parts.message.text = DocumentsText(parts.documents) + parts.message.text;
  if (role == "user") TRINE_TRY(CheckResults(*chat, parts.message, where));
  chat->messages.push_back(std::move(parts.message));
  return Ok();
}

Status ReadToolSpec(const Json& spec, const std::string& where, language::ChatRequest* chat) {
  BodyReader reader(spec, kPlain, where);
  language::Tool tool;
  tool.name = reader.Text("name");
  tool.description = reader.OptionalText("description").value_or("");
  const Json* schema = reader.Object("inputSchema");
  static_cast<void>(reader.Need("inputSchema"));
  reader.Ignore("strict");
  TRINE_TRY(reader.Finish(false));
  TRINE_TRY(CheckToolName(tool.name, where + ".name"));
  const Json* json = schema->Find("json");
  if (json == nullptr || !json->is_object())
    return Invalid(where + ".inputSchema.json: Input should be an object", where);
  tool.input_schema = format::ToString(*json);
  chat->tools.push_back(std::move(tool));
  return Ok();
}

}  // namespace

Status ReadSystemBlocks(const Json* system, language::ChatRequest* chat) {
  if (system == nullptr) return Ok();
  if (!system->is_array()) return Invalid("system: Input should be a list", "system");
  Parts parts;
  parts.message.role = ChatMessage::Role::kSystem;
  size_t i = 0;
  for (const Json& block : system->array()) {
    const std::string where = "system." + std::to_string(i++);
    TRINE_ASSIGN(const Json::Member* member, OnlyMember(block, where));
    if (member->first != "text" && member->first != "guardContent" && member->first != "cachePoint")
      return NotText(member->first, where);
    TRINE_TRY(ReadBlock(block, where, &parts));
  }
  parts.message.text = DocumentsText(parts.documents) + parts.message.text;
  if (!parts.message.text.empty()) chat->messages.push_back(std::move(parts.message));
  return Ok();
}

Status ReadMessageBlocks(const Json* messages, language::ChatRequest* chat) {
  if (messages == nullptr || !messages->is_array())
    return Invalid("messages: Input should be a list of messages", "messages");
  const Json::Array& list = messages->array();
  if (list.empty() || list.size() > kMaxMessages)
    return Invalid("messages: from 1 to " + std::to_string(kMaxMessages) + " messages are required",
                   "messages");
  std::optional<ChatMessage::Role> before;
  for (size_t i = 0; i < list.size(); ++i) {
    TRINE_TRY(ReadMessage(list[i], "messages." + std::to_string(i), chat));
    const ChatMessage::Role role = chat->messages.back().role;
    if (role == ChatMessage::Role::kSystem) continue;
    if (!before && role != ChatMessage::Role::kUser)
      return Invalid(
          "A conversation must start with a user message. Try again with a conversation that starts with a "
          "user message.",
          "messages");
    if (before == role)
      return Invalid(
          "A conversation must alternate between user and assistant roles. Make sure the conversation "
          "alternates between user and assistant roles and try again.",
          "messages." + std::to_string(i));
    before = role;
  }
  if (before) return Ok();
  return Invalid(
      "A conversation must start with a user message. Try again with a conversation that starts with a user "
      "message.",
      "messages");
}

Status ReadToolConfig(const Json& config, language::ChatRequest* chat) {
  BodyReader reader(config, kPlain, "toolConfig");
  const Json::Array* tools = reader.List("tools", kMaxTools);
  static_cast<void>(reader.Need("tools"));
  const Json* choice = reader.Object("toolChoice");
  TRINE_TRY(reader.Finish(false));
  if (tools->empty())
    return Invalid("toolConfig.tools: Member must have length greater than or equal to 1",
                   "toolConfig.tools");
  for (size_t i = 0; i < tools->size(); ++i) {
    const std::string where = "toolConfig.tools." + std::to_string(i);
    TRINE_ASSIGN(const Json::Member* member, OnlyMember((*tools)[i], where));
    if (member->first == "cachePoint") {
      TRINE_TRY(CheckCachePoint(member->second, where + ".cachePoint"));
      continue;
    }
    if (member->first != "toolSpec")
      return Error(ErrorCode::kUnsupported,
                   where + ": tools of type \"" + member->first + "\" are not supported; toolSpec is")
          .Where(where);
    TRINE_TRY(ReadToolSpec(member->second, where + ".toolSpec", chat));
  }
  if (choice == nullptr) return Ok();
  TRINE_ASSIGN(const Json::Member* member, OnlyMember(*choice, "toolConfig.toolChoice"));
  using Kind = language::ToolChoice::Kind;
  if (member->first == "any") {
    chat->tool_choice.kind = Kind::kAny;
  } else if (member->first == "tool") {
    BodyReader named(member->second, kPlain, "toolConfig.toolChoice.tool");
    chat->tool_choice.kind = Kind::kNamed;
    chat->tool_choice.name = named.Text("name");
    TRINE_TRY(named.Finish(false));
  } else if (member->first != "auto") {
    return Invalid("toolConfig.toolChoice: exactly one of auto, any and tool must be set",
                   "toolConfig.toolChoice");
  }
  return CheckToolChoice(*chat, "toolConfig.toolChoice");
}

std::string_view StopReasonOf(const language::ChatAnswer& answer) {
  switch (answer.finish) {
    case Finish::kEnd:
      return "end_turn";
    case Finish::kMaxTokens:
      return "max_tokens";
    case Finish::kStop:
      return "stop_sequence";
    case Finish::kToolCalls:
      return "tool_use";
    case Finish::kRefused:
      return "content_filtered";
  }
  FailCheck(__FILE__, __LINE__, "a finish outside its enumeration");
}

Json OutputOf(const language::ChatAnswer& answer) {
  Json output, message, content(Json::Array{});
  if (!answer.text.empty() || answer.tool_calls.empty()) {
    Json block;
    block.Set("text", answer.text);
    content.Push(std::move(block));
  }
  for (const language::ToolCall& call : answer.tool_calls) {
    Json block, use;
    use.Set("toolUseId", call.id);
    use.Set("name", call.name);
    use.Set("input", ToolInput(call));
    block.Set("toolUse", std::move(use));
    content.Push(std::move(block));
  }
  message.Set("role", "assistant");
  message.Set("content", std::move(content));
  output.Set("message", std::move(message));
  return output;
}

Json UsageOf(const language::ChatAnswer& answer) {
  Json usage;
  usage.Set("inputTokens", static_cast<uint64_t>(answer.input_tokens));
  usage.Set("outputTokens", static_cast<uint64_t>(answer.output_tokens));
  usage.Set("totalTokens", static_cast<uint64_t>(answer.input_tokens) + answer.output_tokens);
  return usage;
}

void MessageEvents::Begin(StreamEvents* out) {
  Json start;
  start.Set("role", "assistant");
  out->emplace_back("messageStart", std::move(start));
}

// The service sends no contentBlockStart for text.
void MessageEvents::Part(std::string_view text, StreamEvents* out) {
  open_ = true;
  Json delta;
  delta.Set("text", text);
  Delta(std::move(delta), out);
}

void MessageEvents::Delta(Json delta, StreamEvents* out) {
  TRINE_DCHECK(open_);
  Json event;
  event.Set("delta", std::move(delta));
  event.Set("contentBlockIndex", static_cast<uint64_t>(index_));
  out->emplace_back("contentBlockDelta", std::move(event));
}

void MessageEvents::StopBlock(StreamEvents* out) {
  TRINE_DCHECK(open_);
  Json event;
  event.Set("contentBlockIndex", static_cast<uint64_t>(index_));
  out->emplace_back("contentBlockStop", std::move(event));
  open_ = false;
  ++index_;
}

void MessageEvents::End(const language::ChatAnswer& answer, Json fields, StreamEvents* out) {
  if (!open_ && answer.tool_calls.empty()) Part("", out);
  if (open_) StopBlock(out);
  for (const language::ToolCall& call : answer.tool_calls) {
    Json event, start, use, delta, input;
    use.Set("toolUseId", call.id);
    use.Set("name", call.name);
    start.Set("toolUse", std::move(use));
    event.Set("start", std::move(start));
    event.Set("contentBlockIndex", static_cast<uint64_t>(index_));
    out->emplace_back("contentBlockStart", std::move(event));
    open_ = true;
    input.Set("input", call.input);
    delta.Set("toolUse", std::move(input));
    Delta(std::move(delta), out);
    StopBlock(out);
  }
  Json stop;
  stop.Set("stopReason", StopReasonOf(answer));
  if (!fields.is_null()) stop.Set("additionalModelResponseFields", std::move(fields));
  out->emplace_back("messageStop", std::move(stop));
}

}  // namespace trine::api::bedrock
