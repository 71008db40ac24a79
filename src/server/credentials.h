// Credentials: the keys, users and tokens a server accepts, and the check of one request against them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"
#include "net/sigv4.h"

namespace trine::server {

using net::Access;

// The AWS keys, users and bearer tokens that a server accepts, each with a role. Immutable after loading and
// thread-safe. Secrets are compared in constant time.
class Credentials {
 public:
  // Reads {"keys": [...], "users": [...], "tokens": [...]}, at most 1 MiB. Each entry has a name
  // ("access_key" for keys, else "name") and a secret ("secret_key", "password", "token"), and may have a
  // "role" (admin, write, read or public; default admin), "origins" and, for public entries, "indexes" and
  // "fields". kInvalid when the file cannot be read, is open to other accounts, belongs to another user than
  // this process or root, or is not valid; the message says what to do.
  static Result<std::unique_ptr<Credentials>> Load(const std::string& path);
  // The same from a text; `where` names its source in errors. kInvalid for JSON that is broken, an unknown
  // member of the top level, an entry without name or secret, a name that is used twice, and no entry at all.
  static Result<std::unique_ptr<Credentials>> Parse(std::string_view json, const std::string& where);
  // Accepts one bearer token, with the role of an administrator.
  static std::unique_ptr<Credentials> WithAdminToken(std::string token);

  // Checks the Authorization header (Basic, Bearer or an AWS signature over the whole request) and fills in
  // request->caller. kMissingCredentials without any, kUnknownCredentials for a name or secret
  // that does not match, kUnknownAccessKey for an unknown key of a signature, the errors of VerifySignature,
  // and kForbidden when a public credential is used by a browser page of an origin that it does not list. On
  // error the caller may not be used. `now` bounds the age of signatures.
  Status Authenticate(net::Request* request, Millis now) const;
  // The part of Authenticate that needs no body: passwords and tokens are checked, but for a signature only
  // the access key is looked up. A request that passes must still authenticate.
  Status AuthenticateHead(net::Request* head) const;
  // Whether any credential lists this origin, so that browser pages of it may read responses.
  bool AllowsOrigin(std::string_view origin) const;

 private:
  struct Entry {
    std::string name, secret;
    net::Caller::Role role = net::Caller::Role::kAdmin;
    std::vector<std::string> origins, indexes, fields;
  };
  struct Signer {
    net::SignatureClaim claim;
    const Entry* key;
  };
  Result<Signer> FindSigner(const net::Request& request) const;
  Status CheckBasic(net::Request* request, std::string_view encoded) const;
  Status CheckToken(net::Request* request, std::string_view token) const;
  Status Admit(net::Request* request, const Entry& entry) const;
  static const Entry* FindEntry(const std::vector<Entry>& entries, std::string_view name);

  std::vector<Entry> keys_, users_, tokens_;
};

// The highest access that a role has.
Access AccessOf(net::Caller::Role role);

// Admits requests of a server without credentials, which serves this machine only. The Host header, when
// present, must name loopback, so that a web page cannot reach the server through a name that it rebinds
// (DNS rebinding); so must an Origin header. Signatures are not checked: the caller's name and region are
// taken from one when there is one. kForbidden otherwise.
Status AdmitLocal(net::Request* request);

}  // namespace trine::server
