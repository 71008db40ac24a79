#include "server/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "base/check.h"

namespace trine::server {
namespace {

constexpr size_t kMaxFileBytes = 1u << 20;  // thousands of credentials

}  // namespace

Result<std::string> ReadSecretFile(const std::string& path, const std::string& name) {
  TRINE_CHECK(!name.empty());
  const auto unusable = [&](std::string what) {
    return Error(ErrorCode::kInvalid, "cannot use " + name + ": " + std::move(what)).Where(path);
  };
  // Mounted secrets are symbolic links, so links are followed. The checks use the open file, so it cannot be
  // replaced between check and use.
  // Opened without waiting, because opening a named pipe would wait for a writer, possibly for ever.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  const std::unique_ptr<FILE, int (*)(FILE*)> file(descriptor < 0 ? nullptr : ::fdopen(descriptor, "rb"),
                                                   [](FILE* f) { return f == nullptr ? 0 : std::fclose(f); });
  struct stat info {};
  if (file == nullptr || fstat(fileno(file.get()), &info) != 0) return unusable("the file cannot be read");
  if (!S_ISREG(info.st_mode)) return unusable("it is not a regular file");
  if ((info.st_mode & 077) != 0) return unusable("other accounts can access it; run: chmod 600 " + path);
  if (info.st_uid != geteuid() && info.st_uid != 0)
    return unusable("it belongs to user " + std::to_string(info.st_uid) + "; run: chown " +
                    std::to_string(geteuid()) + " " + path);
  std::string text(kMaxFileBytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return unusable("the file cannot be read");
  if (text.size() > kMaxFileBytes) return unusable("it is larger than 1 MiB");
  return text;
}

}  // namespace trine::server
