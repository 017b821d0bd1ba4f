"""C, C++ and tests/c/operations.h have every operation, and descope_ml.h has the keys of each."""

from __future__ import annotations

import ctypes
import json
import re
from functools import cache
from pathlib import Path

from support.artefacts import artefact
from support.programs import ROOT, STRICT, build, cpp_compiler

HEADER = ROOT / "include" / "descope_ml.h"
CPP_HEADER = ROOT / "include" / "descope_ml.hpp"
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


def test_the_cpp_header_lists_every_operation() -> None:
    listed = re.findall(r'^ +X\((\w+), "(.+)"\)', CPP_HEADER.read_text(), re.MULTILINE)
    assert sorted(listed) == sorted((name, operation) for operation, name in operations().items())


def test_every_operation_is_a_cpp_function_and_a_method_of_client(tmp_path: Path) -> None:
    lines = ["#include <descope_ml.hpp>", "using descope::Client;", "using descope::Document;"]
    for name in operations().values():
        lines += [
            f"Document (*function_{name})(const Document &) = descope::{name};",
            f"Document (Client::*method_{name})(const Document &) const = &Client::{name};",
        ]
    source = tmp_path / "operations.cpp"
    source.write_text("\n".join(lines) + "\n")
    include = f"-I{ROOT / 'include'}"
    build([cpp_compiler(), "-std=c++17", *STRICT, include, "-fsyntax-only", str(source)])


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
