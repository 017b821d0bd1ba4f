"""C, C++ and tests/c/operations.h have every operation, and descope_ml.h has the keys of each."""

from __future__ import annotations

import ctypes
import json
import re
from functools import cache

from support.artefacts import artefact
from support.programs import ROOT

HEADER = ROOT / "include" / "descope_ml.h"
CPP_HEADER = ROOT / "include" / "descope_ml_operations.hpp"
CPP_QUEUE_HEADER = ROOT / "include" / "descope_ml_queue_operations.hpp"
CPP_TEST_LIST = ROOT / "tests" / "cpp" / "operations.hpp"
TEST_LIST = ROOT / "tests" / "c" / "operations.h"

# No operation accepts it, and no key is similar: then the message lists the allowed keys.
UNKNOWN_KEY = "0123456789"


def error_message(function: str, *arguments: str) -> str:
    """Calls a C function with invalid arguments and returns the message of the error."""
    library = ctypes.CDLL(str(artefact("DESCOPE_ML_LIBRARY")))
    library.descope_string_free.argtypes = [ctypes.c_void_p]
    out = ctypes.c_void_p()
    strings = [argument.encode() for argument in arguments]
    status = getattr(library, function)(*strings, ctypes.byref(out))
    assert out.value is not None, f"no error document, status {status}"
    document = json.loads(ctypes.string_at(out.value))
    library.descope_string_free(out)
    assert status == document["error"]["status"] != 0
    return str(document["error"]["message"])


@cache
def operations() -> dict[str, str]:
    """From the operations of the library to the names of their functions."""
    names = (
        error_message("descope_call", "unknown", "{}")
        .partition("the operations are ")[2]
        .split(", ")
    )
    assert len(names) >= 30
    return {name: name.replace("/", "_").replace("-", "_") for name in names}


def documented_functions() -> dict[str, str]:
    """From the functions in descope_ml.h, without `descope_`, to their comments."""
    declaration = r"/\*\*\n((?: \*.*\n)+?) \*/\nint32_t descope_(\w+)\("
    return {name: text for text, name in re.findall(declaration, HEADER.read_text())}


def test_the_c_header_declares_every_operation() -> None:
    # Only functions of operations have these parameters.
    pattern = r"^int32_t descope_(\w+)\(const char \*json, char \*\*out\);"
    declared = re.findall(pattern, HEADER.read_text(), re.MULTILINE)
    assert sorted(declared) == sorted(operations().values())


def test_the_cpp_headers_have_every_operation_in_both_ways() -> None:
    header, queue = CPP_HEADER.read_text(), CPP_QUEUE_HEADER.read_text()
    listed = re.findall(r'^ +X\("(.+)", (\w+), (\w+)\)', CPP_TEST_LIST.read_text(), re.MULTILINE)
    assert sorted(operation for operation, _, _ in listed) == sorted(operations())
    for operation, method, request in listed:
        # A method of Client and a function for the default client, each of which throws or not.
        for name in (method, f"try_{method}"):
            assert len(re.findall(rf" {name}\(const {request} &request\b", header)) == 2, name
            assert len(re.findall(rf" {name}\(const {request} &request\b", queue)) == 2, name
        assert header.count(f'"{operation}"') == 2
        assert queue.count(f'"{operation}"') == 2


def test_the_list_of_the_c_tests_has_every_operation() -> None:
    listed = re.findall(r'^ +X\("(.+)", (\w+)\)', TEST_LIST.read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(operations().items())


def listed_keys(message: str) -> list[str]:
    """The keys in a message about an unknown key."""
    return sorted(re.findall(r"\w+", message.partition("allowed keys: ")[2]))


def allowed_keys(operation: str, request: object) -> list[str]:
    """The keys that the library allows beside the unknown one in the request."""
    return listed_keys(error_message("descope_call", operation, json.dumps(request)))


def documented_keys(comment: str) -> list[str]:
    """The keys in the comment of a function, required and optional ones."""
    (block,) = re.findall(r"^ \* json   (.+?)^ \* out ", comment, re.MULTILINE | re.DOTALL)
    block = re.sub(r"\(.*?\)|\brequired:|\boptional:| \* ", "", block, flags=re.DOTALL)
    return sorted(key.strip() for key in re.split(r"[,;]|\bor\b", block))


def test_the_c_header_names_every_kind_of_operation() -> None:
    (line,) = re.findall(r"^ \* OPERATIONS: (.+)$", HEADER.read_text(), re.MULTILINE)
    kinds = {operation.partition("/")[0] for operation in operations()}
    assert sorted(line.split(", ")) == sorted(f"descope_{kind}_*" for kind in kinds)


def test_the_c_header_documents_the_keys_of_every_operation() -> None:
    comments = documented_functions()
    for operation, name in operations().items():
        assert f"Operation: {operation} " in comments[name].replace("\n *", "")
        keys = allowed_keys(operation, {UNKNOWN_KEY: ""})
        assert documented_keys(comments[name]) == keys, operation


def test_the_c_header_documents_the_keys_of_objects() -> None:
    preamble = HEADER.read_text().partition("#ifndef")[0]

    def documented(name: str) -> list[str]:
        pattern = rf"^ \*     {name} (.+?)(?:;|^ \*(?:$|     \w))"
        (block,) = re.findall(pattern, preamble, re.MULTILINE | re.DOTALL)
        block = re.sub(r"\(.*?\)|of each:| \* ", "", block, flags=re.DOTALL)
        return sorted(key.strip() for key in block.split(","))

    unknown = {UNKNOWN_KEY: ""}
    options = {"loginOptions": unknown}
    sign_in_options = allowed_keys("magiclink/signin/sms", options)
    assert documented("loginOptions") == sign_in_options
    assert allowed_keys("test/generate_magiclink", options) == sign_in_options
    without = {"stepup", "mfa", "ssoAppId"}
    assert allowed_keys("magiclink/signup/sms", options) == sorted({*sign_in_options} - without)
    assert documented("user") == allowed_keys("magiclink/signup/sms", {"user": unknown})
    tenants = allowed_keys("test/create_user", {"userTenants": [unknown]})
    assert documented("userTenants") == tenants


def test_the_c_header_documents_the_keys_of_the_configuration() -> None:
    preamble = HEADER.read_text().partition("#ifndef")[0]
    (block,) = re.findall(r"its type is given:\n(.+?)^ \*$", preamble, re.MULTILINE | re.DOTALL)
    documented = sorted(re.findall(r"\w+", re.sub(r"\(.*?\)", "", block)))
    configuration = json.dumps({UNKNOWN_KEY: ""})
    assert documented == listed_keys(error_message("descope_configure", configuration))
