// SPDX-License-Identifier: Apache-2.0
#include "python/bindings/errors.h"

#include <exception>

namespace sweepmark::python {

void expect_done(const Result<void>& result) {
  if (!result) throw DataError{result.error().message};
}

void expect_argument(const Result<void>& result) {
  if (!result) throw ArgumentError{result.error().message};
}

void register_errors() {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const DataError& error) {
      const nb::object type = nb::module_::import_("sweepmark._errors").attr("Error");
      PyErr_SetObject(type.ptr(), nb::str(error.message.c_str(), error.message.size()).ptr());
    } catch (const ArgumentError& error) {
      PyErr_SetString(PyExc_ValueError, error.message.c_str());
    } catch (const nb::cast_error&) {
      PyErr_SetString(PyExc_TypeError,
                      "a part of an argument has another type than expected: see the function's documentation");
    }
  });
}

}  // namespace sweepmark::python
