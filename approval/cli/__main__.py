"""`python -m approval.cli`."""

import sys

from approval.cli import main

sys.exit(main())
