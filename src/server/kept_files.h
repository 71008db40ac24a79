// KeptFiles: the trained models and the pinned embedder. They cannot be built from the facts again, so their
// loss is found and reported.
#pragma once

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "analysis/analyzer.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task_health.h"
#include "recommend/recipe/resources.h"
#include "storage/directory.h"
#include "storage/key_value.h"

namespace trine::server {

// The data directory, and the definitions that name its kept files.
struct KeptFileSources {
  storage::Directory& root;  // the data directory, which contains the folder
  const storage::KeyValue& facts;
  const recommend::ResourceStore& resources;
  const analysis::Analyzers& analyzers;
};

// A kept file that is missing, damaged, or replaced by something that is not a file.
struct LostFile {
  std::string file;  // "models/model-for-you.1"
  Error why;
  std::string what;  // says in a sentence without a full stop what follows from the loss, and why
  bool is_model = false;
};

// The files of the models that resources name, such as "models/model-for-you.1", and the resource of each.
std::map<std::string, std::string> NamedModels(const recommend::ResourceStore& resources);

// Files are read until `most_bytes` were read, and those named in `always` in any case. The check of all
// others is that they are files and not empty.
struct WhatToRead {
  uint64_t most_bytes = UINT64_MAX;
  std::vector<std::string> always;
};
// Returns the lost ones of the kept files that resources and facts name: the embedder, then the models by
// name. Changes nothing.
std::vector<LostFile> FindLostFiles(const KeptFileSources& sources, const WhatToRead& what = {});

// Opening reads at most this much of the kept files, so that the start stays short.
inline constexpr uint64_t kKeptBytesAtStart = 16u << 20;

// Reports lost files to `tasks`, each under its name, until they are whole again or no longer named. An
// embedder that is newly found to be lost is restored instead, if item vectors have the same one. The log
// gets one line for each change. Everything given must outlive it. Not thread-safe.
class LostFileReports {
 public:
  LostFileReports(const KeptFileSources& sources, TaskHealth& tasks, Log& log)
      : sources_(sources), tasks_(tasks), log_(log) {}
  // Reads files that are reported as lost completely, and others until `most_bytes` were read.
  void Update(uint64_t most_bytes);

 private:
  bool RestoreEmbedder();

  const KeptFileSources sources_;
  TaskHealth& tasks_;
  Log& log_;
  std::vector<std::string> reported_;  // names of files
};

// Keeps the reports up to date. The constructor reads kKeptBytesAtStart; a thread then reads everything once,
// and looks once a minute whether a file has vanished. Everything given must outlive it. The destructor stops
// the thread.
class KeptFilesCheck {
 public:
  KeptFilesCheck(const KeptFileSources& sources, TaskHealth& tasks, Log& log);

 private:
  LostFileReports reports_;  // after the constructor, only the thread uses it
  std::jthread thread_;      // last: it uses the reports
};

}  // namespace trine::server
