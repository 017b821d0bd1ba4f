/*
 * libdescope_ml for SWIG 4: descope_ml.h for Tcl, Perl, Python, Ruby, Java and others.
 *
 *   swig -tcl  -I<include folder> descope_ml.i
 *   swig -perl -I<include folder> descope_ml.i
 *   swig -java -I<include folder> -package com.example descope_ml.i
 *
 * In scripting languages, a function with out-parameters returns a list: the status, then the values. Each
 * out-parameter is left out of the arguments:
 *
 *   (status, response)       = descope_call(operation, request)
 *   (status, client, error)  = descope_client_new(config)
 *   (status, document)       = descope_json_set(document or nothing, pointer, text)
 *   (status, tag, call_status, response) = descope_queue_next(queue, timeout)
 *
 * In Java it is an array with one element, which receives the value; null if it is of no interest:
 *
 *   String[] response = new String[1];
 *   int status = descope_ml.descope_call(operation, request, response);
 *
 * A string that comes back is the language's own: the C string is freed. So there is no descope_string_free. A
 * text with a NUL is an error of the language, except in descope_json_set_n. descope_json_find takes the place of
 * descope_json_get. Functions with callbacks are left out. Call descope_client_free and descope_queue_free as in C.
 */
%module descope_ml

%{
#include <descope_ml.h>
#include <stdlib.h>
#include <string.h>

/* The value at a JSON pointer: a string without quotes and escapes, any other value as JSON; NULL without one. */
static char *descope_json_find(const char *doc, const char *pointer) {
    size_t needed = 0;
    char *value = NULL;
    if (descope_json_get(doc, pointer, NULL, 0, &needed) != DESCOPE_E_BUFFER) {
        return NULL;
    }
    value = malloc(needed);
    if (value && descope_json_get(doc, pointer, value, needed, NULL) != DESCOPE_OK) {
        free(value);
        value = NULL;
    }
    return value;
}
%}

%include <stdint.i>

/* What is handled here, or needs a callback. */
%ignore descope_string_free;
%ignore descope_json_get;
%ignore descope_log_set;
%ignore descope_client_log_set;
%ignore descope_events_set;
%ignore descope_log_callback;
%ignore descope_event_callback;

%newobject descope_json_find;
%typemap(newfree) char * "free($1);"

#ifdef SWIGJAVA
%include "descope_ml_java.swg"
#else
%include <typemaps.i>
%include <cstring.i>

/* SWIG's own typemap would cut the text at the first NUL. */
%typemap(in, noblock=1, fragment="SWIG_AsCharPtrAndSize") const char *
    (int result, char *text = 0, size_t size = 0, int alloc = 0) {
    result = SWIG_AsCharPtrAndSize($input, &text, &size, &alloc);
    if (!SWIG_IsOK(result)) {
        %argument_fail(result, "$type", $symname, $argnum);
    }
    if (text && strlen(text) + 1 < size) {
        if (alloc == SWIG_NEWOBJ) free(text);
        SWIG_exception_fail(SWIG_ValueError, "the argument of $symname contains a NUL character: remove it");
    }
    $1 = text;
}
%typemap(freearg, noblock=1, match="in") const char * {
    if (alloc$argnum == SWIG_NEWOBJ) free((char *)text$argnum);
}
%apply (char *STRING, size_t LENGTH) { (const char *text, size_t length) };
#ifdef SWIGTCL
/* Inside Tcl, a NUL is written as two bytes. */
%typemap(in, noblock=1) (const char *text, size_t length) (Tcl_DString utf8, Tcl_Encoding encoding, int size) {
    $1 = Tcl_GetStringFromObj($input, &size);
    encoding = Tcl_GetEncoding(NULL, "utf-8");
    $1 = Tcl_UtfToExternalDString(encoding, $1, size, &utf8);
    $2 = (size_t)Tcl_DStringLength(&utf8);
    Tcl_FreeEncoding(encoding);
}
%typemap(freearg, noblock=1) (const char *text, size_t length) {
    Tcl_DStringFree(&utf8$argnum);
}
#endif

/* The response or the error document. */
%typemap(in, noblock=1, numinputs=0) char **out (char *temp = 0) {
    $1 = &temp;
}
%typemap(freearg) char **out ""
%typemap(argout, noblock=1, fragment="SWIG_FromCharPtr") char **out {
    %append_output(SWIG_FromCharPtr(*$1 ? *$1 : ""));
    descope_string_free(*$1);
}

/* A document that is changed: the old one goes in, the new one comes out. */
%typemap(in, noblock=1, fragment="SWIG_AsCharPtrAndSize") char **doc
    (int result, char *text = 0, size_t size = 0, int alloc = 0, char *temp = 0) {
    result = SWIG_AsCharPtrAndSize($input, &text, &size, &alloc);
    if (!SWIG_IsOK(result)) {
        %argument_fail(result, "$type", $symname, $argnum);
    }
    if (text && *text) {
        temp = malloc(strlen(text) + 1);
        if (temp) strcpy(temp, text);
    }
    if (alloc == SWIG_NEWOBJ) free(text);
    if (text && *text && !temp) {
        SWIG_exception_fail(SWIG_MemoryError, "no memory");
    }
    $1 = &temp;
}
%typemap(freearg) char **doc ""
%typemap(argout, noblock=1, fragment="SWIG_FromCharPtr") char **doc {
    %append_output(SWIG_FromCharPtr(*$1 ? *$1 : ""));
    descope_string_free(*$1);
}

%define DESCOPE_NEW_OBJECT(TYPE, NAME)
%typemap(in, noblock=1, numinputs=0) TYPE **NAME (TYPE *temp = 0) {
    $1 = &temp;
}
%typemap(argout, noblock=1) TYPE **NAME {
    %append_output(SWIG_NewPointerObj(*$1, $*1_descriptor, 0));
}
%enddef
DESCOPE_NEW_OBJECT(descope_client, client)
DESCOPE_NEW_OBJECT(descope_queue, queue)

%apply unsigned long long *OUTPUT { uint64_t *tag };
%apply int *OUTPUT { int32_t *status };
#endif

char *descope_json_find(const char *doc, const char *pointer);

%include <descope_ml.h>
