"""The Django sites for mod_wsgi, which loads a file."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
