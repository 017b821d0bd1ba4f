"""Shared code of the helpers for web frameworks.

A module imports only from those below it:

- `auth`: what an application settles once
- `links`: the verification of a link
- `guard`: who may see a page, and how a session lasts
- `requests`: where the tokens are in a request
- `cookies`, `errors`: the cookies of a session; failures as HTTP responses
- `cookie_settings`, `responses`: names and attributes of cookies; changes of responses
"""
