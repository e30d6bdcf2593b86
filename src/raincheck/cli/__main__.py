"""`python -m raincheck.cli`, for children that must run under the very same Python."""

import sys

from raincheck.cli.main import main

sys.exit(main())
