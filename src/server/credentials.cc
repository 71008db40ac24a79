#include "server/credentials.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include "base/nearest_name.h"
#include "base/text.h"
#include "format/json.h"
#include "format/strict_json.h"
#include "format/text.h"
#include "net/sigv4.h"
#include "server/secret_file.h"

namespace trine::server {
namespace {

using format::Json;

bool SecretsEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Error FileError(const std::string& where, std::string what) {
  return Error(ErrorCode::kInvalid, "cannot use the credentials file: " + std::move(what)).Where(where);
}

Result<std::string> ReadText(const Json& object, const char* key, const std::string& where) {
  const Json* value = object.Find(key);
  if (value == nullptr || !value->is_string() || value->string().empty()) {
    return FileError(where, std::string("an entry has no \"") + key + "\"; expected a non-empty string");
  }
  return value->string();
}

Result<net::Caller::Role> ReadRole(const Json& object, const std::string& where) {
  const Json* role = object.Find("role");
  if (role == nullptr) return net::Caller::Role::kAdmin;
  if (role->is_string()) {
    if (role->string() == "admin") return net::Caller::Role::kAdmin;
    if (role->string() == "write") return net::Caller::Role::kWrite;
    if (role->string() == "read") return net::Caller::Role::kRead;
    if (role->string() == "public") return net::Caller::Role::kPublic;
  }
  return FileError(where, "unknown \"role\"; expected admin, write, read or public");
}

Result<std::vector<std::string>> ReadTexts(const Json& object, const std::string& key,
                                           const std::string& where) {
  std::vector<std::string> texts;
  const Json* given = object.Find(key);
  if (given == nullptr) return texts;
  if (!given->is_array()) return FileError(where, "\"" + key + "\" is not a list of strings");
  for (const Json& text : given->array()) {
    if (!text.is_string()) return FileError(where, "\"" + key + "\" is not a list of strings");
    texts.push_back(text.string());
  }
  return texts;
}

// A misspelled member would silently give an entry more rights than it was meant to have. So would an empty
// list, because without the member everything is allowed.
Status CheckMembers(const Json& object, const char* name, const char* secret, const std::string& where) {
  if (!object.is_object()) return FileError(where, "an entry is not a JSON object");
  const std::vector<std::string> known = {name,      secret,   "role",          "origins",
                                          "indexes", "fields", "trusted_events"};
  for (const auto& [key, value] : object.object()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      return FileError(where, "unknown member \"" + key + "\" of an entry" + NearestNameHint(key, known));
    if ((key == "indexes" || key == "fields") && value.is_array() && value.array().empty())
      return FileError(where, "\"" + key + "\" is empty; leave it out to allow all");
  }
  return Ok();
}

// Reads "trusted_events": whether the events of a public entry count like those of the shop's own servers.
Result<bool> ReadTrust(const Json& object, const std::string& where) {
  const Json* given = object.Find("trusted_events");
  if (given == nullptr) return false;
  if (!given->is_bool()) return FileError(where, "\"trusted_events\" is not true or false");
  return given->boolean();
}

// Returns the host part of "http://name:port" or "name:port", here `name`. An IPv6 address keeps its
// brackets.
std::string_view HostName(std::string_view text) {
  const size_t scheme = text.find("://");
  if (scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
  if (!text.empty() && text[0] == '[') return text.substr(0, text.find(']') + 1);
  return text.substr(0, text.find(':'));
}

bool IsLoopbackName(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  if (host.substr(0, 4) != "127.") return false;
  for (char c : host) {
    if (c != '.' && std::isdigit(static_cast<unsigned char>(c)) == 0) return false;
  }
  return true;
}

// The credentials after the scheme's name, which is compared without regard to case (RFC 9110, 11.1), and the
// spaces that follow it; nullopt if the header has another scheme.
std::optional<std::string_view> AfterScheme(std::string_view authorization, std::string_view scheme) {
  if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ' ||
      !EqualsIgnoreCase(authorization.substr(0, scheme.size()), scheme)) {
    return std::nullopt;
  }
  return Trim(authorization.substr(scheme.size()));
}

}  // namespace

Access AccessOf(net::Caller::Role role) {
  switch (role) {
    case net::Caller::Role::kAdmin:
      return Access::kAdmin;
    case net::Caller::Role::kWrite:
      return Access::kWrite;
    case net::Caller::Role::kRead:
      return Access::kRead;
    case net::Caller::Role::kPublic:
      return Access::kPublic;
  }
  return Access::kNone;
}

Result<std::unique_ptr<Credentials>> Credentials::Load(const std::string& path) {
  TRINE_ASSIGN(const std::string text, ReadSecretFile(path, "the credentials file"));
  return Parse(text, path);
}

Result<std::unique_ptr<Credentials>> Credentials::Parse(std::string_view json, const std::string& where) {
  auto parsed = format::ParseStrictJson(json);
  if (!parsed.ok()) return FileError(where, parsed.error().ToString());
  if (!parsed->is_object()) return FileError(where, "it is not a JSON object");
  auto credentials = std::make_unique<Credentials>();
  struct Kind {
    const char* list;
    const char* name;
    const char* secret;
    std::vector<Entry>* into;
  };
  const Kind kinds[] = {{"keys", "access_key", "secret_key", &credentials->keys_},
                        {"users", "name", "password", &credentials->users_},
                        {"tokens", "name", "token", &credentials->tokens_}};
  for (const auto& [key, value] : parsed->object()) {
    if (key != "keys" && key != "users" && key != "tokens")
      return FileError(where, "unknown member \"" + key + "\"; expected keys, users and tokens");
    if (!value.is_array()) return FileError(where, "\"" + key + "\" is not a list");
  }
  for (const Kind& kind : kinds) {
    const Json* list = parsed->Find(kind.list);
    if (list == nullptr) continue;
    for (const Json& object : list->array()) {
      TRINE_TRY(CheckMembers(object, kind.name, kind.secret, where));
      Entry entry;
      TRINE_ASSIGN(entry.name, ReadText(object, kind.name, where));
      TRINE_ASSIGN(entry.secret, ReadText(object, kind.secret, where));
      TRINE_ASSIGN(entry.role, ReadRole(object, where));
      TRINE_ASSIGN(entry.origins, ReadTexts(object, "origins", where));
      TRINE_ASSIGN(entry.indexes, ReadTexts(object, "indexes", where));
      TRINE_ASSIGN(entry.fields, ReadTexts(object, "fields", where));
      TRINE_ASSIGN(entry.trusted_events, ReadTrust(object, where));
      const bool restricted =
          !(entry.indexes.empty() && entry.fields.empty()) || object.Find("trusted_events") != nullptr;
      if (entry.role != net::Caller::Role::kPublic && restricted)
        return FileError(where,
                         "only entries with the role public may have \"indexes\", \"fields\" and "
                         "\"trusted_events\"");
      if (FindEntry(*kind.into, entry.name) != nullptr)
        return FileError(where, "the name \"" + entry.name + "\" is used twice");
      kind.into->push_back(std::move(entry));
    }
  }
  if (credentials->keys_.empty() && credentials->users_.empty() && credentials->tokens_.empty()) {
    return FileError(where, "it has no entries");
  }
  return credentials;
}

std::unique_ptr<Credentials> Credentials::WithAdminToken(std::string token) {
  TRINE_CHECK(!token.empty());  // an empty bearer token would match
  auto credentials = std::make_unique<Credentials>();
  credentials->tokens_.push_back({"command", std::move(token), net::Caller::Role::kAdmin, {}, {}, {}, true});
  return credentials;
}

const Credentials::Entry* Credentials::FindEntry(const std::vector<Entry>& entries, std::string_view name) {
  for (const Entry& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

Status Credentials::Admit(net::Request* request, const Entry& entry) const {
  const std::string_view origin = request->headers.Get("origin");
  if (entry.role == net::Caller::Role::kPublic && !origin.empty()) {
    bool known = false;
    for (const std::string& o : entry.origins) known = known || o == origin;
    if (!known)
      return Error(ErrorCode::kForbidden, "this credential may not be used by pages from this origin")
          .Got(std::string(origin));
  }
  TRINE_DCHECK(!entry.secret.empty());
  request->caller.name = entry.name;
  request->caller.role = entry.role;
  request->caller.indexes = entry.indexes;
  request->caller.fields = entry.fields;
  request->caller.trusted_events = entry.role != net::Caller::Role::kPublic || entry.trusted_events;
  return Ok();
}

Result<Credentials::Signer> Credentials::FindSigner(const net::Request& request) const {
  TRINE_ASSIGN(auto claim, net::ParseSignature(request));
  if (!claim) return Error(ErrorCode::kMissingCredentials, "this server requires credentials");
  const Entry* key = FindEntry(keys_, claim->access_key);
  if (key == nullptr) {
    return Error(ErrorCode::kUnknownAccessKey, "unknown access key");
  }
  return Signer{*std::move(claim), key};
}

Status Credentials::CheckBasic(net::Request* request, std::string_view encoded) const {
  const auto decoded = format::UnBase64(encoded);
  const size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos)
    return Error(ErrorCode::kUnknownCredentials,
                 "cannot decode the Basic credentials: expected base64 of name:password");
  const Entry* user = FindEntry(users_, std::string_view(*decoded).substr(0, colon));
  // An unknown name gets the same response as a wrong password, so that names cannot be probed.
  const bool right = SecretsEqual(std::string_view(*decoded).substr(colon + 1),
                                  user != nullptr ? user->secret : std::string_view("?"));
  if (user == nullptr || !right)
    return Error(ErrorCode::kUnknownCredentials, "unknown user or wrong password");
  return Admit(request, *user);
}

Status Credentials::CheckToken(net::Request* request, std::string_view token) const {
  for (const Entry& entry : tokens_) {
    if (SecretsEqual(entry.secret, token)) return Admit(request, entry);
  }
  return Error(ErrorCode::kUnknownCredentials, "unknown token");
}

Status Credentials::Authenticate(net::Request* request, const net::ServedScope& scope, Millis now) const {
  const std::string_view given = request->headers.Get("authorization");
  if (const auto basic = AfterScheme(given, "basic")) return CheckBasic(request, *basic);
  if (const auto bearer = AfterScheme(given, "bearer")) return CheckToken(request, *bearer);
  TRINE_ASSIGN(const Signer signer, FindSigner(*request));
  TRINE_TRY(net::VerifySignature(*request, signer.claim, signer.key->secret, scope, now));
  request->caller.region = signer.claim.region;
  return Admit(request, *signer.key);
}

Status Credentials::AuthenticateHead(net::Request* head) const {
  const std::string_view given = head->headers.Get("authorization");
  if (const auto basic = AfterScheme(given, "basic")) return CheckBasic(head, *basic);
  if (const auto bearer = AfterScheme(given, "bearer")) return CheckToken(head, *bearer);
  TRINE_ASSIGN(const Signer signer, FindSigner(*head));
  return Admit(head, *signer.key);
}

bool Credentials::AllowsOrigin(std::string_view origin) const {
  for (const auto* list : {&keys_, &users_, &tokens_}) {
    for (const Entry& entry : *list) {
      for (const std::string& o : entry.origins) {
        if (o == origin) return true;
      }
    }
  }
  return false;
}

Status AdmitLocal(net::Request* request) {
  const std::string_view host = request->headers.Get("host");
  if (!host.empty() && !IsLoopbackName(HostName(host))) {
    return Error(ErrorCode::kForbidden,
                 "a server without credentials serves this machine only: the Host header must be a loopback "
                 "name")
        .Expected("localhost or 127.0.0.1")
        .Got(std::string(host));
  }
  const std::string_view origin = request->headers.Get("origin");
  if (!origin.empty() && !IsLoopbackName(HostName(origin))) {
    return Error(ErrorCode::kForbidden,
                 "a server without credentials does not serve web pages from another origin")
        .Got(std::string(origin));
  }
  // Cross-site requests may come without an Origin header, such as when a page loads an image, but the
  // browser marks them as cross-site. Pages on this machine that send an Origin header were admitted above.
  const std::string_view site = request->headers.Get("sec-fetch-site");
  if (origin.empty() && site == "cross-site") {
    return Error(ErrorCode::kForbidden,
                 "a server without credentials does not serve web pages from another origin")
        .Got(std::string(site));
  }
  const auto claim = net::ParseSignature(*request);
  if (claim.ok() && *claim) {
    request->caller.region = (*claim)->region;
    request->caller.name = (*claim)->access_key;
  }
  return Ok();
}

}  // namespace trine::server
