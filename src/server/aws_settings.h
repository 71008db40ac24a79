// AwsSettings: keys, region and endpoint of AWS, from the environment and the usual files.
#pragma once

#include "remote/s3/s3_object_store.h"

namespace trine::server {

// See remote::s3::OptionsFromEnvironment. Reads the environment and files each time.
remote::s3::Options AwsSettings();

}  // namespace trine::server
