"""The product's settings for tests: a home of its own, no pool, unhashed static files. Imports no app code before that."""

import os
import tempfile

os.environ.setdefault("RAINCHECK_HOME", tempfile.mkdtemp(prefix="raincheck-tests-"))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the tests' own thread
os.environ.setdefault("SECRET_KEY", "only-for-tests-only-for-tests-only-for-tests")

from raincheck.settings import *  # noqa: F403  # a settings module is the sum of another one
from raincheck.settings import DATABASES, STATIC_ROOT, STORAGES

POOL = DATABASES["default"]["OPTIONS"].pop("pool")
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir(
    parents=True, exist_ok=True
)  # whitenoise warns about a missing one, and warnings are errors
