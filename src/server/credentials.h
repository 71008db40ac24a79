// Credentials: the keys, users and tokens that a server accepts, and the check of a request against them.
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
  // ("access_key" for keys, else "name") and a secret ("secret_key", "password" or "token"), and may have a
  // "role" (admin, write, read or public; default admin), "origins" and, for public entries, "indexes",
  // "fields" and "trusted_events". Returns kInvalid if the file cannot be read, is not a regular file, is
  // accessible to other accounts, belongs to neither this process's user nor root, or is not valid; the
  // message says what to do.
  static Result<std::unique_ptr<Credentials>> Load(const std::string& path);
  // Parses the same JSON from a string; errors report `where` as its source. Returns kInvalid for invalid
  // JSON, an unknown top-level member, an entry without name or secret, a duplicate name, and no entry at
  // all.
  static Result<std::unique_ptr<Credentials>> Parse(std::string_view json, const std::string& where);
  // Returns credentials that accept only this bearer token, with the role admin.
  static std::unique_ptr<Credentials> WithAdminToken(std::string token);

  // Checks the Authorization header (Basic, Bearer or an AWS signature of the whole request) and fills in
  // request->caller. Returns kMissingCredentials if there are none, kUnknownCredentials for a name or secret
  // that does not match, kUnknownAccessKey for a signature with an unknown key, the errors of
  // VerifySignature, and kForbidden if a browser page uses a public credential that does not list the page's
  // origin. On error request->caller must not be used. `scope` is what a signature must be for, and `now` is
  // needed to check its age. Names of schemes are compared without regard to case.
  Status Authenticate(net::Request* request, const net::ServedScope& scope, Millis now) const;
  // The part of Authenticate that does not need the body. Checks passwords and tokens fully; for a signature,
  // checks only its access key. Authenticate must still be called when the body is complete.
  Status AuthenticateHead(net::Request* head) const;
  // Returns true if any credential lists this origin; browser pages from it may then read responses.
  bool AllowsOrigin(std::string_view origin) const;

 private:
  struct Entry {
    std::string name, secret;
    net::Caller::Role role = net::Caller::Role::kAdmin;
    std::vector<std::string> origins, indexes, fields;
    bool trusted_events = false;
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

// Returns the highest access that a role has.
Access AccessOf(net::Caller::Role role);

// Admits requests to a server without credentials, which serves this machine only. Returns kForbidden if the
// Host or Origin header is present and is not a loopback name: a web page could otherwise reach the server
// through DNS rebinding. Also returns kForbidden for a cross-site request without an Origin header. If the
// request has a signature, the caller's name and region are taken from it, but it is not verified.
Status AdmitLocal(net::Request* request);

}  // namespace trine::server
