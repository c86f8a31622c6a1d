"""Does not."""

import nothing_of_that_name  # type: ignore[import-not-found]  # noqa: F401 - the import is to fail
