"""The settings of the site with Django REST framework: it has users of Django, in a database."""

import os
from pathlib import Path

from django_settings import *  # noqa: F403 - what both sites have

AUTHENTICATION_BACKENDS = ["descope_ml.django_users.DescopeBackend"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DATABASE") or Path(__file__).with_name("db.sqlite3"),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# On localhost, browsers reject cookies with the domain of the project's settings.
DESCOPE_ML = {"cookies": {"domain": ""}}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"]
MIDDLEWARE = [
    "django.middleware.csrf.CsrfViewMiddleware",
    "descope_ml.django.DescopeMiddleware",
    "descope_ml.django_users.DescopeUserMiddleware",
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["descope_ml.rest_framework.DescopeAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
ROOT_URLCONF = "django_rest_app"
