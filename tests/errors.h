// The message of an error that a test provokes.
#pragma once

#include <string>

#include "base/error.h"

/// What the Error says that `call` throws; "no error" if it throws none.
template <class Error = base::Error, class F>
std::string error_of(const F& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}
