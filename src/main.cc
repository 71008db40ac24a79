#include "cli/run.h"

int main(int argc, char** argv) { return trine::cli::Run(argc, argv); }
