"""The settings of the Django site."""

import os
import secrets
from pathlib import Path

ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
LOGIN_URL = "/"  # Whoever is not signed in gets there.
MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
ROOT_URLCONF = "django_app"
SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.token_urlsafe(50)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).with_name("templates")],
    }
]
TIME_ZONE = "UTC"
